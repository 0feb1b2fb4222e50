// What the pages do beyond reading, all of it optional: "/" finds, rows are chosen, half-written forms are kept.
(function () {
  "use strict";
  var LONG_NUMBER = /\d{6,}/;   // identity, account and phone numbers and one-time codes are never kept

  document.addEventListener("keydown", function (event) {
    var find = document.getElementById("find");
    if (event.key === "/" && find && !event.target.closest("input, textarea, select, [contenteditable]")) {
      event.preventDefault();
      find.focus();
    }
  });

  // A table wider than its place says that it can be moved, since a phone shows no bar.
  function cut() {
    document.querySelectorAll(".jx-scroll").forEach(function (box) {
      if (box.scrollWidth > box.clientWidth + 1) { box.dataset.cut = "左右滑动看全 →"; } else { delete box.dataset.cut; }
    });
  }
  document.addEventListener("DOMContentLoaded", cut);
  addEventListener("resize", cut);

  function read(key) { return JSON.parse(sessionStorage.getItem(key) || "{}"); }
  function write(key, value) {
    if (Object.keys(value).length) { sessionStorage.setItem(key, JSON.stringify(value)); } else { sessionStorage.removeItem(key); }
  }
  function yuan(fen) { return (fen / 100).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }); }

  // A list whose rows are chosen: the choice (row key → fen) survives paging until it is sent.
  function batch(form) {
    var key = "batch:" + form.dataset.batch, bar = form.querySelector(".jx-batch"), all = form.querySelector("[data-pick-all]");
    var boxes = Array.from(form.querySelectorAll("input[name=row]")), chosen = read(key);
    function show() {
      var keys = Object.keys(chosen), sum = keys.reduce(function (total, k) { return total + chosen[k]; }, 0);
      var here = boxes.filter(function (box) { return box.checked; }).length;
      boxes.forEach(function (box) { box.closest("tr").toggleAttribute("data-chosen", box.checked); });
      if (bar) {
        bar.hidden = !keys.length;
        bar.querySelectorAll("[data-picked], [data-pick-none]").forEach(function (part) { part.hidden = false; });
        bar.querySelector("[data-picked-count]").textContent = keys.length;
        bar.querySelector("[data-picked-sum]").hidden = !sum;
        bar.querySelector("[data-picked-sum] strong").textContent = yuan(sum);
      }
      if (all) {
        all.hidden = !boxes.length;
        all.checked = here === boxes.length;
        all.indeterminate = here > 0 && here < boxes.length;
      }
      write(key, chosen);
    }
    function pick(box, checked) {
      box.checked = checked;
      if (checked) { chosen[box.value] = Number(box.dataset.fen); } else { delete chosen[box.value]; }
    }
    boxes.forEach(function (box) { pick(box, box.checked || box.value in chosen); });
    form.addEventListener("change", function (event) {
      if (event.target === all) { boxes.forEach(function (box) { pick(box, all.checked); }); }
      if (event.target.name === "row") { pick(event.target, event.target.checked); }
      show();
    });
    form.addEventListener("click", function (event) {
      if (!event.target.closest("[data-pick-none]")) { return; }
      chosen = {};
      boxes.forEach(function (box) { box.checked = false; });
      show();
    });
    form.addEventListener("submit", function () {
      boxes.forEach(function (box) { delete chosen[box.value]; });
      Object.keys(chosen).forEach(function (row) {
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "row", value: row }));
      });
      sessionStorage.removeItem(key);
    });
    show();
  }

  // What fetches parts of a page comes when somebody begins to write where it is used: reading costs nothing of it.
  document.addEventListener("focusin", function (event) {
    var live = event.target.closest("[data-live]");
    if (live && !window.htmx) { document.head.append(Object.assign(document.createElement("script"), { src: live.dataset.live })); }
  });

  // A form marked data-draft keeps what was written until it is sent or the window closes.
  function draft(form) {
    var key = "draft:" + form.dataset.draft, kept = read(key);
    var fields = Array.from(form.elements).filter(function (el) {
      return el.name && !/^(hidden|password|file|submit|button)$/.test(el.type) && !el.hasAttribute("data-private");
    });
    fields.forEach(function (el) {
      if (!(el.name in kept) || form.querySelector(".jx-errors")) { return; }
      if (el.type === "radio" || el.type === "checkbox") { el.checked = [].concat(kept[el.name]).includes(el.value); } else if (!el.value) { el.value = kept[el.name]; }
    });
    form.addEventListener("input", function () {
      var now = {};
      fields.forEach(function (el) {
        if (el.type === "radio" || el.type === "checkbox") {
          if (el.checked) { now[el.name] = (now[el.name] || []).concat(el.value); }
        } else if (el.value && !LONG_NUMBER.test(el.value.replace(/[\s-]/g, ""))) { now[el.name] = el.value; }
      });
      write(key, now);
    });
    form.addEventListener("submit", function () { sessionStorage.removeItem(key); });
  }

  document.addEventListener("DOMContentLoaded", function () {
    var errors = document.querySelector(".jx-errors");
    document.querySelectorAll("form[data-batch]").forEach(batch);
    document.querySelectorAll("form[data-draft]").forEach(draft);
    if (errors) { errors.focus(); }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { document.querySelectorAll(".jx-account[open]").forEach(function (menu) { menu.open = false; }); }
  });
})();
