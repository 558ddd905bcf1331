// Files: uploaded as soon as they are chosen, dropped or pasted, each with its progress. Without this script the form
// sends them itself.
"use strict";

const AT_ONCE = 3;

const shownUploads = new Map(); // The rows of each field that this script made, by the field's name.
const waitingUploads = [];
let uploadsUnderWay = 0;

function prepareUploads(form) {
  const names = new Set();
  for (const field of form.querySelectorAll("[data-upload]")) {
    names.add(field.dataset.upload);
    if (!field.classList.contains("file-ready")) prepareUpload(field);
  }
  for (const [name, rows] of shownUploads) {
    if (names.has(name)) continue;
    rows.forEach((row) => row.upload.stop());
    shownUploads.delete(name);
  }
}

function prepareUpload(field) {
  field.classList.add("file-ready");
  field.querySelector(".file-prompt").hidden = false;
  const input = inputOf(field);
  input.removeAttribute("name");
  input.addEventListener("change", () => {
    take(field, input.files);
    input.value = "";
  });
  const drop = field.querySelector(".file-drop");
  drop.addEventListener("dragover", () => drop.classList.add("file-over"));
  drop.addEventListener("dragleave", () => drop.classList.remove("file-over"));
  drop.addEventListener("drop", (event) => {
    drop.classList.remove("file-over");
    take(field, event.dataTransfer.files);
  });
  field.addEventListener("click", (event) => {
    const button = event.target.closest(".upload-remove");
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    remove(field, button.closest(".upload"));
  });
  keepRows(field);
  requireFile(field);
}

// After rows were added or removed the form is made anew by the app: what goes on, or ended meanwhile, is put back.
function keepRows(field) {
  const list = field.querySelector(".uploads");
  const known = new Set(Array.from(list.querySelectorAll("input"), (input) => input.value));
  for (const row of shownUploads.get(field.dataset.upload) || []) {
    if (row.upload.id && known.has(row.upload.id)) shownUploads.get(field.dataset.upload).delete(row);
    else list.append(row);
  }
}

function take(field, files) {
  const chosen = "several" in field.dataset ? Array.from(files) : Array.from(files).slice(0, 1);
  for (const file of chosen) begin(field, file);
}

function begin(field, file) {
  const name = field.dataset.upload;
  const row = field.querySelector("template").content.firstElementChild.cloneNode(true);
  row.querySelector(".upload-name").textContent = file.name;
  row.querySelector(".upload-about").textContent = inBytes(file.size);
  row.querySelector(".visually-hidden").textContent = `Cancel ${file.name}`;
  row.querySelector("progress").setAttribute("aria-label", `Uploading ${file.name}`);
  row.upload = uploadOf(name, row, file);
  if (!("several" in field.dataset)) for (const other of field.querySelectorAll(".upload")) dropRow(name, other);
  if (!shownUploads.has(name)) shownUploads.set(name, new Set());
  shownUploads.get(name).add(row);
  field.querySelector(".uploads").append(row);
  const again = row.querySelector(".upload-again");
  again.addEventListener("click", () => row.upload.start());
  const reason = whyNot(field, file);
  if (reason) row.upload.fail(reason, false);
  else row.upload.start();
  requireFile(field);
}

// One file on its way. The row may stand in another field of the same name by the time it ends.
function uploadOf(name, row, file) {
  const call = { id: "", isWaiting: false, request: null };
  const fieldNow = () => row.closest("[data-upload]");
  const show = (selector, isShown) => { row.querySelector(selector).hidden = !isShown; };
  const release = () => {
    call.request = null;
    uploadsUnderWay -= 1;
    const next = waitingUploads.shift();
    if (next) next();
  };
  call.fail = (reason, canTryAgain) => {
    show("progress", false);
    show(".field-error", true);
    show(".upload-again", canTryAgain);
    row.querySelector(".field-error").textContent = reason;
    row.querySelector(".upload-about").textContent = inBytes(file.size);
    row.querySelector(".visually-hidden").textContent = `Remove ${file.name}`;
    say(fieldNow(), `${file.name}: ${reason}`);
    requireFile(fieldNow());
  };
  const done = (uploaded) => {
    call.id = uploaded.upload;
    const entry = document.createElement("input");
    entry.type = "hidden";
    entry.name = name;
    entry.value = uploaded.upload;
    row.prepend(entry);
    show("progress", false);
    row.querySelector(".upload-name").textContent = uploaded.name;
    row.querySelector(".upload-about").textContent = inBytes(uploaded.size);
    row.querySelector(".visually-hidden").textContent = `Remove ${uploaded.name}`;
    say(fieldNow(), `${uploaded.name} was uploaded.`);
    requireFile(fieldNow());
  };
  const send = () => {
    call.isWaiting = false;
    uploadsUnderWay += 1;
    const request = new XMLHttpRequest();
    call.request = request;
    request.open("POST", addressFor(name, file));
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      const percent = event.total ? Math.floor((100 * event.loaded) / event.total) : 0;
      row.querySelector("progress").value = percent;
      row.querySelector(".upload-about").textContent = `${percent} % of ${inBytes(file.size)}`;
    });
    request.addEventListener("load", () => {
      if (request.status === 201) done(JSON.parse(request.responseText));
      else call.fail(reasonOf(request), request.status >= 500);
    });
    request.addEventListener("error", () => call.fail("The app could not be reached.", true));
    request.addEventListener("loadend", release);
    request.send(file);
  };
  call.start = () => {
    show("progress", true);
    show(".field-error", false);
    show(".upload-again", false);
    row.querySelector("progress").value = 0;
    row.querySelector(".visually-hidden").textContent = `Cancel ${file.name}`;
    call.isWaiting = true;
    call.begin = () => { if (call.isWaiting) send(); else if (waitingUploads.length) waitingUploads.shift()(); };
    if (uploadsUnderWay < AT_ONCE) call.begin();
    else waitingUploads.push(call.begin);
  };
  call.stop = () => {
    call.isWaiting = false;
    if (call.request) call.request.abort();
  };
  return call;
}

function addressFor(name, file) {
  const form = document.querySelector("form[data-upload-to]");
  const address = new URL(form.dataset.uploadTo, location.href);
  address.searchParams.set("token", form.elements.token.value);
  address.searchParams.set("field", name);
  address.searchParams.set("name", file.name);
  return address;
}

function reasonOf(request) {
  try {
    return JSON.parse(request.responseText).detail;
  } catch {
    return "The app could not take the file.";
  }
}

// The app checks too; this spares the way there.
function whyNot(field, file) {
  const most = Number(field.dataset.maxBytes);
  if (file.size > most) return `It is too large: at most ${inBytes(most)} are taken.`;
  const types = field.dataset.mediaTypes.split(" ").filter(Boolean);
  const family = `${file.type.split("/")[0]}/*`;
  if (types.length && file.type && !types.includes(file.type) && !types.includes(family)) {
    return "Files of this type are not taken.";
  }
  return "";
}

function remove(field, row) {
  const name = row.querySelector(".upload-name").textContent;
  dropRow(field.dataset.upload, row);
  requireFile(field);
  inputOf(field).focus();
  say(field, `${name} was removed.`);
}

function dropRow(name, row) {
  if (row.upload) row.upload.stop();
  if (shownUploads.has(name)) shownUploads.get(name).delete(row);
  row.remove();
}

function requireFile(field) {
  if (!field) return;
  inputOf(field).required = "required" in field.dataset && !field.querySelector('.uploads input, .uploads progress:not([hidden])');
}

function inputOf(field) {
  return field.querySelector('input[type="file"]');
}

function say(field, text) {
  if (field) field.querySelector("[data-upload-status]").textContent = text;
}

function inBytes(size) {
  if (size < 1000) return size === 1 ? "1 byte" : `${size} bytes`;
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (size >= 999.95 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size.toFixed(1).replace(/\.0$/, "")} ${units[unit]}`;
}

function uploadsWhere(isSo) {
  return Array.from(shownUploads.values()).flatMap((rows) => Array.from(rows, (row) => row.upload)).filter(isSo);
}

function isUnderWay(upload) {
  return upload.isWaiting || Boolean(upload.request);
}

// A file that lands beside the field must not take the page, and all that was typed, away.
function catchFiles(form) {
  for (const kind of ["dragover", "drop"]) {
    document.addEventListener(kind, (event) => {
      if (Array.from(event.dataTransfer.types).includes("Files")) event.preventDefault();
    });
  }
  document.addEventListener("paste", (event) => {
    const files = event.clipboardData.files;
    const inField = event.target instanceof Element && event.target.closest("[data-upload]");
    const field = inField || form.querySelector("[data-upload]");
    if (!files.length || !field) return;
    event.preventDefault();
    take(field, files);
  });
}

function waitForUploads(form) {
  // Before the form's own listener, which counts it as sent.
  document.addEventListener("submit", (event) => {
    const isUnfinished = (upload) => !upload.id;
    if (event.target !== form || !uploadsWhere(isUnfinished).length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    tell(uploadsWhere(isUnderWay).length
      ? "A file is still on its way. Send the answer when it is there, or cancel the upload."
      : "A file was not uploaded. Try again, or remove it; then send the answer.");
  }, true);
  addEventListener("beforeunload", (event) => {
    if (uploadsWhere(isUnderWay).length) event.preventDefault();
  });
}

const formWithFiles = document.querySelector("form[data-upload-to]");
if (formWithFiles) {
  prepareUploads(formWithFiles);
  new MutationObserver(() => prepareUploads(formWithFiles)).observe(formWithFiles, { childList: true });
  catchFiles(formWithFiles);
  waitForUploads(formWithFiles);
}
