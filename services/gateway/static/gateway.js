// Everything works without this script; it only makes some things nicer.
(function () {
  "use strict";
  var problems = document.getElementById("problems");
  if (problems) problems.focus();

  // A second tap on a slow phone would send the form again. (It would still book only once.)
  document.addEventListener("submit", function (event) {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", function () {
    Array.prototype.forEach.call(document.forms, function (form) { delete form.dataset.sent; });
  });

  Array.prototype.forEach.call(document.querySelectorAll("[data-print]"), function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
})();
