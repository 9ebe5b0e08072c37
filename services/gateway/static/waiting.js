// The waiting room looks by itself. Without this script there is a button.
(function () {
  "use strict";
  var place = document.getElementById("place"), timer, looking;
  if (!place || !window.fetch) return;

  function later(seconds) {
    clearTimeout(timer);
    timer = setTimeout(look, seconds * 1000 * (0.9 + Math.random() / 5)); // so that not all ask at once
  }

  function look(solution) {
    if (looking) return;
    looking = true;
    var options = {credentials: "same-origin", redirect: "manual"};
    if (typeof solution === "string") {
      options.method = "POST";
      options.headers = {"Content-Type": "application/x-www-form-urlencoded"};
      options.body = "solution=" + encodeURIComponent(solution);
    }
    fetch(location.href, options).then(function (answer) {
      if (answer.type === "opaqueredirect") return location.reload(); // it is our turn
      return answer.text().then(show);
    }).catch(function () { later(30); }).then(function () { looking = false; });
  }

  function show(text) {
    var seen = new DOMParser().parseFromString(text, "text/html").getElementById("place");
    if (!seen) return later(30);
    Array.prototype.forEach.call(seen.children, function (line, number) {
      if (place.children[number].textContent !== line.textContent) place.children[number].textContent = line.textContent;
    });
    later(+seen.getAttribute("data-pause"));
  }

  document.querySelector("[data-by-itself]").hidden = false;
  document.addEventListener("visibilitychange", function () { if (!document.hidden) look(); });
  later(+place.getAttribute("data-pause"));

  // A device that cannot do the work takes a place as if there were no script.
  function giveUp() { if (!/[?&]again=/.test(location.href)) document.querySelector("main .kern-btn").click(); }

  var challenge = place.getAttribute("data-challenge");
  if (!challenge) return;
  if (!window.Worker) return giveUp();
  challenge = JSON.parse(challenge);
  var worker = new Worker(place.getAttribute("data-worker")), patience = setTimeout(giveUp, 30000);
  worker.onerror = giveUp;
  worker.onmessage = function (event) {
    worker.terminate();
    clearTimeout(patience);
    look(btoa(JSON.stringify({challenge: challenge, solution: event.data})));
  };
  worker.postMessage(challenge.parameters);
})();
