// Pages at an office look by themselves; those of a kiosk go back to the start when nobody touches them.
(function () {
  "use strict";
  var live = document.getElementById("live"), hint = document.getElementById("by-itself");
  var cut = document.getElementById("cut");
  var back = document.getElementById("back"), timer, soon;
  var address = live && live.getAttribute("data-look") || location.href; // what answers a form can not be asked for

  function later() {
    var pause = live.getAttribute("data-pause");
    clearTimeout(soon);
    if (pause) soon = setTimeout(look, pause * 1000 * (0.9 + Math.random() / 5)); // so that not all ask at once
  }

  function isBusy(part) { // somebody is choosing something: it would be lost, and the wrong thing be sent
    return [].some.call(part.querySelectorAll("select, details"), function (one) {
      if (one.tagName === "DETAILS") return one.open;
      var first = one.querySelector("option[selected]") || one.options[0];
      return one === document.activeElement || one.selectedOptions[0] !== first;
    });
  }

  function swap(part, seen) { if (seen && !isBusy(part)) part.innerHTML = seen.innerHTML; }

  function look() {
    fetch(address, {credentials: "same-origin", headers: {"X-By-Itself": "1"}}).then(function (answer) {
      if (answer.redirected) location.replace(address); // signed out
      return answer.text();
    }).then(function (text) {
      var seen = new DOMParser().parseFromString(text, "text/html").getElementById("live");
      if (cut) cut.hidden = !!seen;
      if (!seen) return;
      var focused = document.activeElement && document.activeElement.id;
      live.setAttribute("data-pause", seen.getAttribute("data-pause") || "");
      if (seen.textContent === live.textContent) return;
      live.className = seen.className;
      if (isBusy(live)) [].forEach.call(live.querySelectorAll("section"), function (part, at) { swap(part, seen.querySelectorAll("section")[at]); });
      else swap(live, seen);
      if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
    }).catch(function () { if (cut) cut.hidden = false; /* what is shown stays */ }).then(later);
  }

  function touched() {
    clearTimeout(timer);
    timer = setTimeout(function () { location.replace(back.href); }, back.getAttribute("data-back") * 1000);
  }

  if (live && window.fetch) {
    if (hint) hint.hidden = false;
    later();
    document.addEventListener("visibilitychange", function () { if (!document.hidden) look(); });
  }
  if (back) {
    ["click", "keydown", "touchstart", "mousemove"].forEach(function (name) { document.addEventListener(name, touched); });
    touched();
    // Nobody comes back to what the person before them typed or was told.
    history.replaceState(null, "", back.href);
    window.addEventListener("pageshow", function (event) { if (event.persisted) location.replace(back.href); });
  }
  if (document.querySelector(".kiosk, .kiosk-head")) document.addEventListener("click", function (event) {
    var link = event.target.closest("a[href]");
    if (!link || link.getAttribute("href").charAt(0) === "#") return;
    event.preventDefault();
    location.replace(link.href);
  });
  var first = document.querySelector(".kiosk input:not([type=hidden])");
  if (first && !document.getElementById("problems")) first.focus(); // for the scanner
})();
