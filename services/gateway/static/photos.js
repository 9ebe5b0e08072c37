// Makes photos smaller before they are sent. A browser that would lose how they were held leaves them as they are.
(function () {
  "use strict";
  var SIDE = 2500, BIG = 1500000; // pixels, bytes

  function read(file) {
    return new Promise(function (resolve, reject) {
      var reader = new FileReader();
      reader.onload = function () { resolve(reader.result); };
      reader.onerror = reject;
      reader.readAsDataURL(file);
    });
  }
  async function picture(file) {
    if (!/^image\//.test(file.type) || !window.CSS || !CSS.supports("image-orientation", "from-image")) return null;
    var image = new Image(), url = await read(file);
    return new Promise(function (resolve) {
      image.onload = function () { resolve(image); };
      image.onerror = function () { resolve(null); }; // HEIC, for most browsers
      image.src = url;
    });
  }
  function drawn(image, side) {
    var canvas = document.createElement("canvas"), scale = Math.min(1, side / Math.max(image.width, image.height));
    canvas.width = Math.max(1, Math.round(image.width * scale));
    canvas.height = Math.max(1, Math.round(image.height * scale));
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  }
  window.shrunk = async function (file) {
    var image = await picture(file), blob = file;
    if (!image || !image.width) return {blob: file, small: ""};
    if (Math.max(image.width, image.height) > SIDE || file.size > BIG) {
      blob = await new Promise(function (resolve) { drawn(image, SIDE).toBlob(resolve, "image/jpeg", 0.85); });
      if (!blob || blob.size >= file.size) blob = file;
    }
    return {blob: blob, small: drawn(image, 96).toDataURL("image/jpeg", 0.6)};
  };
})();
