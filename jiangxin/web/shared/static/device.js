// The device at a lesson: reads codes with the camera where the browser can, and keeps them while there is no network.
(function () {
  "use strict";
  var form = document.querySelector("[data-device]");
  if (!form) { return; }
  var key = "scans:" + form.dataset.device, said = form.querySelector("[data-device-said]");
  var code = form.querySelector("[name=code]"), token = form.querySelector("[name=csrfmiddlewaretoken]").value;

  function kept() { return JSON.parse(localStorage.getItem(key) || "[]"); }
  function keep(rows) { if (rows.length) { localStorage.setItem(key, JSON.stringify(rows)); } else { localStorage.removeItem(key); } }
  function direction() { return form.querySelector("[name=direction]:checked").value; }
  function tell(words) { said.textContent = words; }

  // Codes were made at the moment they were read: the server is told how long ago that was by this device's own clock.
  function upload() {
    var rows = kept();
    if (!rows.length || !navigator.onLine) { return; }
    var now = Date.now(), body = rows.map(function (row) { return { code: row.code, direction: row.direction, ago: (now - row.at) / 1000 }; });
    fetch(form.dataset.device, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token }, body: JSON.stringify(body) })
      .then(function (answer) { if (!answer.ok) { throw new Error(); } return answer.json(); })
      .then(function (answer) {
        keep([]);
        tell("断网时的 " + rows.length + " 条已上传：" + answer.answers.map(function (one) {
          return (one.name || "不认识的码") + one.direction + (one.problem ? "，" + one.problem : "，记下了");
        }).join("；"));
        if (window.htmx) { window.htmx.trigger("#board", "refresh"); }
      })
      .catch(function () { tell("还有 " + rows.length + " 条没有传上去，联网后自动再传。"); });
  }
  function read(digits) {
    var rows = kept();
    rows.push({ code: digits, direction: direction(), at: Date.now() });
    keep(rows);
    code.value = "";
    tell("没有网络，先记在这台设备上（" + rows.length + " 条），联网后自动上传。");
  }
  form.addEventListener("submit", function (event) {
    if (!navigator.onLine && code.value.trim()) { event.preventDefault(); read(code.value.trim()); }
  });
  addEventListener("online", upload);
  upload();

  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) { return; }
  var box = form.querySelector("[data-camera]"), video = box.querySelector("video"), last = "";
  var detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).then(function (stream) {
    box.hidden = false;
    video.srcObject = stream;
    video.play();
    setInterval(function () {
      detector.detect(video).then(function (found) {
        var text = found.length ? found[0].rawValue : "";
        if (!/^\d{8}$/.test(text) || text === last) { return; }
        last = text;
        code.value = text;
        if (navigator.onLine) { form.requestSubmit(); } else { read(text); }
      }).catch(function () {});
    }, 400);
  }).catch(function () {});
})();
