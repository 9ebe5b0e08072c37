// Photos are made smaller, put in order, and kept on the device until the Jobcenter has them: each is sent exactly once,
// in order, also from two tabs and after a time without a connection. Without this script the form sends them.
(() => {
  "use strict";
  const HOUR = 3600000, KEPT = 24 * HOUR, WARN = 22 * HOUR, PAUSE = 10000;
  const box = document.querySelector("[data-queue]"), form = document.querySelector("form[data-upload]");
  if (!window.indexedDB || !navigator.locks || !crypto.randomUUID) return;

  let opened;
  const db = () => opened = opened || new Promise((resolve, reject) => {
    const asked = indexedDB.open("papers", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("files", {keyPath: "key"});
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  async function store(work) { // in one transaction, which other tabs see wholly or not at all
    const transaction = (await db()).transaction("files", "readwrite"), asked = work(transaction.objectStore("files"));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(asked && asked.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }
  const put = (file, changes) => store((files) => files.put(Object.assign(file, changes)));
  const drop = (file) => store((files) => files.delete(file.key));

  if (document.querySelector("[data-forget]")) store((files) => files.clear());
  if (!box) return;

  const text = box.dataset, own = text.reference + "/", place = form && own + form.dataset.item;
  const status = box.querySelector("[role=status]"), list = box.querySelector("ol");
  let trouble = "", sending = "", busy = false, again = 0, unsent = false, told = "", hasTus = true;

  const isWaiting = (file) => file.state === "new" || file.state === "ready";
  async function mine() {
    const now = Date.now(), left = [];
    for (const file of await store((files) => files.getAll())) {
      if (isWaiting(file) && now - file.at > KEPT) await put(file, {state: "old", blob: null, small: ""});
      if (now - file.at > 2 * KEPT) await drop(file);
      else if (file.place.startsWith(own)) left.push(file);
    }
    return left.sort((a, b) => a.place < b.place ? -1 : a.place > b.place ? 1 : a.number - b.number);
  }

  async function add(input) {
    const chosen = [...input.files], refused = [];
    input.value = "";
    for (const file of chosen) {
      const {blob, small} = await window.shrunk(file);
      const name = blob === file ? file.name : file.name.replace(/(\.\w{1,5})?$/, ".jpg");
      if (!blob.size || blob.size > +text.most) { refused.push(text.large.replace("{}", name)); continue; }
      const one = {key: crypto.randomUUID(), place, url: form.action, name, blob, small, state: "new", at: Date.now()};
      await store((files) => { // the number is given in the transaction: two tabs never give the same
        files.getAll().onsuccess = (event) => {
          const others = event.target.result.filter((other) => other.place === place);
          one.number = 1 + Math.max(+form.dataset.number, ...others.map((other) => other.number));
          files.put(one);
        };
      });
      show();
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
  async function byTus(file) {
    const headers = {"Tus-Resumable": "1.0.0", Authorization: "Bearer " + text.bearer};
    const ask = (method, url, more, body) => fetch(url, {method, body, headers: {...headers, ...more}});
    if (!file.upload) {
      const said = {item: file.place.slice(own.length), filename: file.name, sequence: "" + file.number, key: file.key};
      const metadata = Object.keys(said).map((name) => name + " " + btoa(unescape(encodeURIComponent(said[name]))));
      const answer = await ask("POST", "/api/v1/uploads", {
        "Upload-Length": file.blob.size, "Upload-Metadata": metadata.join(","),
      });
      if (answer.status === 404 || answer.status === 405) return hasTus = false;
      if (!check(answer)) return {state: "refused"};
      await put(file, {upload: answer.headers.get("Location")});
    }
    for (;;) {
      const where = await ask("HEAD", file.upload);
      if (where.status === 404 || where.status === 410) {
        await put(file, {upload: ""});
        throw new Error("offline"); // begins anew, with the same key
      }
      if (!check(where)) return {state: "refused"};
      const offset = +where.headers.get("Upload-Offset");
      if (offset >= file.blob.size) return {state: "sent", receipt: where.headers.get("Receipt")};
      const piece = {"Upload-Offset": offset, "Content-Type": "application/offset+octet-stream"};
      const answer = await ask("PATCH", file.upload, piece, file.blob.slice(offset));
      if (!check(answer) && answer.status !== 409) return {state: "refused"};
    }
  }
  async function byForm(file) {
    const body = new FormData();
    body.append("csrf", document.querySelector("[name=csrf]").value);
    body.append("key", file.key);
    body.append("sequence", file.number);
    body.append("file", file.blob, file.name);
    const answer = await fetch(file.url, {method: "POST", body, headers: {Accept: "application/json"}});
    check(answer);
    if (!/json/.test(answer.headers.get("Content-Type"))) throw new Error("closed"); // led to where it is opened
    const [said] = await answer.json();
    return said.receipt ? {state: "sent", receipt: said.receipt.id} : {state: "refused"};
  }
  async function send() {
    if (busy) return;
    busy = true;
    trouble = "";
    clearTimeout(again);
    try {
      await navigator.locks.request("papers", async () => {
        for (;;) {
          const next = (await mine()).find((file) => file.state === "ready");
          if (!next) break;
          sending = next.key;
          show();
          const done = hasTus && await byTus(next) || await byForm(next);
          await put(next, {...done, blob: null, at: Date.now()});
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
  function append(to, tag, values) { return to.appendChild(Object.assign(document.createElement(tag), values)); }
  function button(to, label, does) {
    append(to, "button", {type: "button", className: "pick", textContent: label})
      .addEventListener("click", async () => { await does(); show(); });
  }
  function line(file, before) {
    const made = append(list, "li"), name = {textContent: file.name};
    let state = file.key === sending ? "sending" : file.state;
    if (file.small) append(made, "img", {src: file.small, alt: ""});
    if (file.receipt) append(made, "a", {...name, className: "kern-link", href: text.address + "/receipts/" + file.receipt});
    else append(made, "span", name);
    if (isWaiting(file) && Date.now() - file.at > WARN) state = "soon";
    made.append(": " + (text[state] || text.waiting) + " ");
    if (file.state === "new" && before && before.state === "new" && before.place === file.place) {
      button(made, text.up.replace("{}", file.name), async () => {
        const number = file.number;
        await put(file, {number: before.number});
        await put(before, {number});
      });
    }
    if (state !== "sending" && state !== "sent") button(made, text.delete.replace("{}", file.name), () => drop(file));
  }
  async function show() {
    const files = (await mine()).filter((file) => file.state !== "sent" || file.place === place);
    list.textContent = "";
    files.forEach((file, at) => line(file, files[at - 1]));
    box.hidden = !files.length && !told;
    unsent = files.some(isWaiting);
    const done = files.every((file) => file.state === "sent") ? text.sent : "";
    const says = told || (unsent ? text[trouble || (sending ? "sending" : "waiting")] : done);
    if (status.textContent !== says) status.textContent = says;
  }

  window.addEventListener("beforeunload", (event) => {
    if (form && unsent) event.preventDefault(), event.returnValue = text.leaving;
  });
  for (const leaving of document.querySelectorAll("form[data-leave]")) {
    leaving.addEventListener("submit", (event) => {
      const stays = unsent && !window.confirm(text.leaving);
      if (stays) event.preventDefault();
      setTimeout(() => delete leaving.dataset.sent);
      unsent = unsent && stays;
    });
  }
  if (form) {
    form.className += " scripted"; // the list tells what was chosen: the browser's own words for it may go
    form.addEventListener("change", (event) => add(event.target));
    form.addEventListener("submit", async (event) => {
      setTimeout(() => delete form.dataset.sent);
      if (!unsent) return; // nothing chosen: the page says so
      event.preventDefault();
      told = "";
      for (const file of await mine()) if (file.state === "new") await put(file, {state: "ready"});
      send();
    });
  }
  window.addEventListener("online", send);
  setInterval(show, HOUR / 60);
  send();
})();
