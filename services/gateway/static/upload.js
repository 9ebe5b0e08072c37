// Photos are made smaller, put in order, and kept on the device until the Jobcenter has them: each is sent exactly once,
// in order, also from two tabs and after a time without a connection. Without this script the form sends them.
(function () {
  "use strict";
  var HOUR = 3600000, KEPT = 24 * HOUR, WARN = 22 * HOUR, PAUSE = 10000;
  var box = document.querySelector("[data-queue]"), form = document.querySelector("form[data-upload]");
  if (!window.indexedDB || !navigator.locks || !window.fetch) return;

  var opened;
  function db() {
    opened = opened || new Promise(function (resolve, reject) {
      var asked = indexedDB.open("papers", 1);
      asked.onupgradeneeded = function () { asked.result.createObjectStore("files", {keyPath: "key"}); };
      asked.onsuccess = function () { resolve(asked.result); };
      asked.onerror = function () { reject(asked.error); };
    });
    return opened;
  }
  async function store(work) { // in one transaction, which other tabs see wholly or not at all
    var transaction = (await db()).transaction("files", "readwrite"), asked = work(transaction.objectStore("files"));
    return new Promise(function (resolve, reject) {
      transaction.oncomplete = function () { resolve(asked && asked.result); };
      transaction.onerror = transaction.onabort = function () { reject(transaction.error); };
    });
  }
  function put(file) { return store(function (files) { return files.put(file); }); }

  if (document.querySelector("[data-forget]")) store(function (files) { return files.clear(); });
  if (!box) return;

  var text = box.dataset, own = text.reference + "/", most = +text.most, status = box.querySelector("[role=status]");
  var trouble = "", sending = "", busy = false, again = 0, unsent = false, told = "", sendsByTus = true;

  function isWaiting(file) { return file.state === "new" || file.state === "ready"; }
  async function mine() {
    var all = await store(function (files) { return files.getAll(); }), now = Date.now(), left = [];
    for (var file of all) {
      if (isWaiting(file) && now - file.at > KEPT) await put(Object.assign(file, {state: "old", blob: null, small: ""}));
      if (now - file.at > 2 * KEPT) await store(function (files) { return files.delete(file.key); });
      else if (file.place.indexOf(own) === 0) left.push(file);
    }
    return left.sort(function (a, b) { return a.place < b.place ? -1 : a.place > b.place ? 1 : a.number - b.number; });
  }

  function newKey() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 15 | 64;
    bytes[8] = bytes[8] & 63 | 128;
    var hex = Array.prototype.map.call(bytes, function (one) { return ("0" + one.toString(16)).slice(-2); }).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  async function add(input) {
    var chosen = Array.prototype.slice.call(input.files), refused = [];
    input.value = "";
    for (var file of chosen) {
      var made = await window.shrunk(file), name = file.name || "-";
      if (made.blob !== file) name = name.replace(/(\.\w{1,5})?$/, ".jpg");
      if (!made.blob.size || made.blob.size > most) { refused.push(text.large.replace("{}", name)); continue; }
      var one = {
        key: newKey(), place: own + form.dataset.item, url: form.action, name: name, blob: made.blob, small: made.small,
        state: "new", at: Date.now(), upload: "", receipt: "", number: 0,
      };
      await store(function (files) { // the number is given in the transaction: two tabs never give the same
        var asked = files.getAll();
        asked.onsuccess = function () {
          var numbers = asked.result.filter(function (other) { return other.place === one.place; })
            .map(function (other) { return other.number; });
          one.number = 1 + Math.max.apply(null, numbers.concat(+form.dataset.number));
          files.put(one);
        };
      });
    }
    told = refused.join(" ");
    show();
  }

  // ---- sending: the one that holds the lock sends; the next in line finds what is left
  function check(answer) {
    if (answer.status === 401) throw new Error("closed");
    if (answer.status === 429 || answer.status >= 500) throw new Error("offline");
    return answer.ok;
  }
  function base64(value) { return btoa(unescape(encodeURIComponent(value))); }
  async function byTus(file) {
    var headers = {"Tus-Resumable": "1.0.0", Authorization: "Bearer " + text.bearer}, answer;
    if (!file.upload) {
      var said = {item: file.place.slice(own.length), filename: file.name, sequence: file.number, key: file.key};
      answer = await fetch("/api/v1/uploads", {method: "POST", headers: Object.assign({}, headers, {
        "Upload-Length": file.blob.size,
        "Upload-Metadata": Object.keys(said).map(function (name) { return name + " " + base64(said[name]); }).join(","),
      })});
      if (answer.status === 404 || answer.status === 405) return sendsByTus = false;
      if (!check(answer)) return {state: "refused"};
      file.upload = answer.headers.get("Location");
      await put(file);
    }
    for (;;) {
      answer = await fetch(file.upload, {method: "HEAD", headers: headers});
      if (answer.status === 404 || answer.status === 410) {
        file.upload = "";
        await put(file);
        throw new Error("offline"); // begins anew, with the same key
      }
      if (!check(answer)) return {state: "refused"};
      var offset = +answer.headers.get("Upload-Offset");
      if (offset >= file.blob.size) return {state: "sent", receipt: answer.headers.get("Receipt") || ""};
      answer = await fetch(file.upload, {method: "PATCH", body: file.blob.slice(offset), headers: Object.assign({}, headers, {
        "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream",
      })});
      if (!check(answer) && answer.status !== 409) return {state: "refused"};
    }
  }
  async function byForm(file) {
    var body = new FormData();
    body.append("csrf", document.querySelector("[name=csrf]").value);
    body.append("key", file.key);
    body.append("sequence", file.number);
    body.append("file", file.blob, file.name);
    var answer = await fetch(file.url, {method: "POST", body: body, headers: {Accept: "application/json"}});
    check(answer);
    if (!/json/.test(answer.headers.get("Content-Type"))) throw new Error("closed"); // led to where it is opened
    var [said] = await answer.json();
    return said.receipt ? {state: "sent", receipt: said.receipt.id} : {state: "refused"};
  }
  async function send() {
    if (busy) return;
    busy = true;
    trouble = "";
    clearTimeout(again);
    try {
      await navigator.locks.request("papers", async function () {
        for (;;) {
          var next = (await mine()).find(function (file) { return file.state === "ready"; });
          if (!next) break;
          sending = next.key;
          show();
          var done = sendsByTus && text.bearer && await byTus(next) || await byForm(next);
          await put(Object.assign(next, done, {blob: null, at: Date.now()}));
        }
      });
    } catch (error) {
      trouble = error.message === "closed" ? "closed" : "offline";
      if (trouble === "offline") again = setTimeout(send, PAUSE);
    }
    sending = "";
    busy = false;
    show();
  }

  // ---- what the page shows
  function button(label, does) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = "pick";
    made.textContent = label;
    made.addEventListener("click", async function () { await does(); show(); });
    return made;
  }
  function line(file, before) {
    var made = document.createElement("li"), state = file.key === sending ? "sending" : file.state, shown;
    if (file.small) {
      shown = made.appendChild(document.createElement("img"));
      shown.src = file.small;
      shown.alt = "";
    }
    shown = made.appendChild(document.createElement(file.receipt ? "a" : "span"));
    if (file.receipt) shown.href = text.address + "/receipts/" + file.receipt;
    shown.className = file.receipt ? "kern-link" : "";
    shown.textContent = file.name;
    if (isWaiting(file) && Date.now() - file.at > WARN) state = "soon";
    made.appendChild(document.createTextNode(": " + (text[state] || text.waiting) + " "));
    if (file.state === "new" && before && before.state === "new" && before.place === file.place) {
      made.appendChild(button(text.up.replace("{}", file.name), async function () {
        var number = file.number;
        await put(Object.assign(file, {number: before.number}));
        await put(Object.assign(before, {number: number}));
      }));
    }
    if (isWaiting(file) && state !== "sending" || state === "refused" || state === "old") {
      made.appendChild(button(text.delete.replace("{}", file.name), function () {
        return store(function (files) { return files.delete(file.key); });
      }));
    }
    return made;
  }
  async function show() {
    var list = box.querySelector("ol"), files = (await mine()).filter(function (file) {
      return file.state !== "sent" || form && file.place === own + form.dataset.item;
    });
    var waiting = files.filter(isWaiting), whole = files.every(function (file) { return file.state === "sent"; });
    list.textContent = "";
    files.forEach(function (file, place) { list.appendChild(line(file, files[place - 1])); });
    box.hidden = !files.length && !told;
    unsent = waiting.length > 0;
    var says = told || (waiting.length ? text[trouble || (sending ? "sending" : "waiting")] : whole ? text.sent : "");
    if (status.textContent !== says) status.textContent = says;
  }

  window.addEventListener("beforeunload", function (event) {
    if (form && unsent) event.returnValue = text.leaving;
  });
  Array.prototype.forEach.call(document.querySelectorAll("form[data-leave]"), function (leaving) {
    leaving.addEventListener("submit", function (event) {
      if (unsent && !window.confirm(text.leaving)) return event.preventDefault();
      unsent = false;
    });
  });
  if (form) {
    form.addEventListener("change", function (event) { if (event.target.type === "file") add(event.target); });
    form.addEventListener("submit", function (event) {
      setTimeout(function () { delete form.dataset.sent; });
      if (!unsent) return; // nothing chosen: the page says so
      event.preventDefault();
      told = "";
      mine().then(function (files) {
        return Promise.all(files.map(function (file) {
          return file.state === "new" && put(Object.assign(file, {state: "ready"}));
        }));
      }).then(send);
    });
  }
  window.addEventListener("online", send);
  setInterval(show, 60000);
  send();
})();
