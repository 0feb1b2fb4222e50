// The learner's code goes on changing without a network: made on the phone from the seat's secret (training/presence.py).
(function () {
  "use strict";
  if (!window.crypto || !window.crypto.subtle) { return; }
  function bytes(hex) { return new Uint8Array(hex.match(/../g).map(function (pair) { return parseInt(pair, 16); })); }

  function show() {
    var box = document.querySelector("[data-seed]");
    if (!box) { return; }
    var said = box.dataset.lesson + "|" + box.dataset.room + "|" + Math.floor(Date.now() / 30000);
    window.crypto.subtle.importKey("raw", bytes(box.dataset.seed), { name: "HMAC", hash: "SHA-256" }, false, ["sign"])
      .then(function (key) { return window.crypto.subtle.sign("HMAC", key, new TextEncoder().encode(said)); })
      .then(function (mac) {
        var number = new DataView(mac).getBigUint64(0) % 100000000n, digits = String(number).padStart(8, "0");
        box.querySelector("[data-digits]").textContent = digits.slice(0, 4) + " " + digits.slice(4);
        if (!navigator.onLine) { box.querySelector("[role=img]").hidden = true; }
      });
  }
  setInterval(show, 2000);
  show();
})();
