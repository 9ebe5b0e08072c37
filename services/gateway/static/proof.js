// Finds the counter of an ALTCHA challenge (version 2, SHA-256, cost 1) in a worker, so that the page stays usable.
// A hash of its own: crypto.subtle takes longer for so short a text, and is missing without TLS.
(function () {
  "use strict";
  var K = new Int32Array(64), START = new Int32Array(8), H = new Int32Array(8), w = new Int32Array(64);

  // SHA-256's constants: fractions of the roots of the first primes.
  for (var n = 2, found = 0, i; found < 64; n++) {
    for (i = 2; i * i <= n && n % i; i++);
    if (i * i <= n) continue;
    if (found < 8) START[found] = (Math.pow(n, 1 / 2) % 1) * 4294967296;
    K[found++] = (Math.pow(n, 1 / 3) % 1) * 4294967296;
  }

  function hash(block) { // 16 words, padded
    var a = START[0], b = START[1], c = START[2], d = START[3], e = START[4], f = START[5], g = START[6], h = START[7];
    for (var t = 0, x, y; t < 16; t++) w[t] = block[t];
    for (; t < 64; t++) {
      x = w[t - 15];
      y = w[t - 2];
      w[t] = ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10) + w[t - 7] +
        ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + w[t - 16];
    }
    for (t = 0; t < 64; t++) {
      x = (((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + h + K[t] + w[t]) | 0;
      y = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c);
      h = g; g = f; f = e; e = (d + x) | 0; d = c; c = b; b = a; a = (x + y) | 0;
    }
    H[0] = a + START[0]; H[1] = b + START[1]; H[2] = c + START[2]; H[3] = d + START[3];
    H[4] = e + START[4]; H[5] = f + START[5]; H[6] = g + START[6]; H[7] = h + START[7];
  }

  function word(hex, number) { return parseInt(hex.substr(8 * number, 8), 16) | 0; }

  function solve(challenge) {
    var block = new Int32Array(16), first = word(challenge.keyPrefix, 0), key;
    for (var n = 0; n < 8; n++) block[n] = word(challenge.salt + challenge.nonce, n);
    block[9] = 1 << 31; // the end of 36 bytes
    block[15] = 36 * 8;
    for (var counter = 0; counter < 4294967296; counter++) {
      block[8] = counter;
      hash(block);
      if (H[0] !== first) continue;
      key = Array.prototype.map.call(H, function (x) { return ("0000000" + (x >>> 0).toString(16)).slice(-8); }).join("");
      if (key.indexOf(challenge.keyPrefix) === 0) return {counter: counter, derivedKey: key};
    }
  }

  onmessage = function (event) { postMessage(solve(event.data)); };
})();
