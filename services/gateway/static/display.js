// The call display hears of calls, sounds and says them, and keeps what it shows when nobody answers.
(function () {
  "use strict";
  var board = document.getElementById("board"), button = document.getElementById("sound");
  var source, silence, audio, known = calls();

  function calls() {
    var found = {};
    Array.prototype.forEach.call(board.querySelectorAll("[data-call]"), function (one) { found[one.dataset.call] = one; });
    return found;
  }

  function connect() {
    if (source) source.close();
    source = new EventSource(board.dataset.events);
    source.addEventListener("board", function (event) { listen(); show(event.data); });
    source.addEventListener("beat", function (event) {
      listen();
      board.querySelector("[data-as-of]").textContent = event.data;
    });
    source.addEventListener("over", function () { location.reload(); });
    source.onerror = cutOff;
    listen();
  }

  // Beats come every five seconds; a line can be dead without an error.
  function listen() {
    clearTimeout(silence);
    silence = setTimeout(function () { cutOff(); connect(); }, 12000);
  }

  function cutOff() { board.querySelector("#cut").hidden = false; }

  function show(text) {
    board.innerHTML = text;
    var now = calls(), fresh = Object.keys(now).filter(function (name) { return !known[name]; });
    fresh.forEach(function (name) { now[name].className = "fresh"; });
    known = now;
    if (fresh.length && audio && audio.state === "running") { // else all would sound at once at the first touch
      tone(660, 0);
      tone(880, 0.25);
      fresh.reverse().forEach(function (name) { say(now[name].dataset.say); });
    }
  }

  function tone(pitch, after) {
    var sound = audio.createOscillator(), volume = audio.createGain(), at = audio.currentTime + after;
    sound.frequency.value = pitch;
    volume.gain.setValueAtTime(0.3, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
    sound.connect(volume);
    volume.connect(audio.destination);
    sound.start(at);
    sound.stop(at + 0.5);
  }

  function say(text) {
    if (!text || !window.speechSynthesis) return;
    var voice = new SpeechSynthesisUtterance(text);
    voice.lang = document.documentElement.lang;
    speechSynthesis.speak(voice);
  }

  // Browsers sound only after a touch, unless they are set up otherwise.
  function soundOn() {
    var Audio = window.AudioContext || window.webkitAudioContext;
    audio = audio || new Audio();
    audio.resume();
    button.hidden = audio.state === "running";
    audio.onstatechange = function () { button.hidden = audio.state === "running"; };
    try { localStorage.setItem("sound", "on"); } catch (error) { /* asked again next time */ }
  }

  button.hidden = false;
  button.addEventListener("click", soundOn);
  try { if (localStorage.getItem("sound")) soundOn(); } catch (error) { /* no memory */ }
  connect();
})();
