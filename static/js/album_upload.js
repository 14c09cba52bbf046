// Many photos: chosen, dropped with their folders, or pasted; shown before they are sent; and told
// how far they are while they go.
import { complain, status } from "./forms.js";
import { say, size } from "./words.js";

// As the server takes them; what else has such a name or type it looks at itself.
const PHOTO = /\.(jpe?g|jfif|png|webp|gif|bmp|tiff?|avif|hei[cf])$/i;
const ARCHIVE = /\.zip$/i;
const PREVIEWS = 60; // more pictures at once would stall a phone
const BETWEEN_WORDS = 3000;

export function enhanceAlbumUpload(root) {
  const form = root.querySelector("form[data-album-upload]");
  if (!form) return;
  const input = form.querySelector("#photo");
  const folder = form.querySelector("[data-folder]");
  folder.webkitdirectory = true; // no attribute of the HTML standard
  form.querySelector(".folder").addEventListener("click", () => folder.click());
  folder.addEventListener("change", () => choose(form, [...input.files, ...folder.files]));
  input.addEventListener("change", () => choose(form, [...input.files]));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.matches("[data-sending]")) send(form);
  });
  acceptDrops(form, input);
  if (input.files.length) choose(form, [...input.files]);
}

function acceptDrops(form, input) {
  const { body } = form.ownerDocument;
  const area = form.querySelector(".drop");
  const over = (on) => area.classList.toggle("over", on);
  body.ondragover = (event) => {
    event.preventDefault();
    over(true);
  };
  body.ondragleave = (event) => event.relatedTarget || over(false);
  body.ondrop = async (event) => {
    event.preventDefault();
    over(false);
    choose(form, [...input.files, ...(await dropped(event.dataTransfer))]);
  };
  form.ownerDocument.onpaste = (event) => {
    const { files } = event.clipboardData;
    if (files.length && form.isConnected) choose(form, [...input.files, ...files]);
  };
}

// Entries must be asked for before anything is awaited: the browser forgets them.
async function dropped(data) {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...data.files];
  return (await Promise.all(entries.map(filesOf))).flat();
}

async function filesOf(entry) {
  if (entry.isFile) return [await new Promise((done, fail) => entry.file(done, fail))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return found.flat();
    found.push(...(await Promise.all(some.map(filesOf))));
  }
}

const mayBePhoto = (file) => PHOTO.test(file.name) || file.type.startsWith("image/");

// What is no photo is named and left out; what is chosen stands in the input, as without this file.
function choose(form, files) {
  const taken = new DataTransfer();
  const others = [];
  for (const file of files) {
    if (mayBePhoto(file) || ARCHIVE.test(file.name)) taken.items.add(file);
    else others.push(file);
  }
  form.querySelector("#photo").files = taken.files;
  show(form, [...taken.files], others);
  warn(form, [...taken.files]);
}

function show(form, files, others) {
  const list = form.querySelector(".chosen-photos");
  for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  list.replaceChildren(...files.map((file, place) => item(form, file, place)));
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const told = [say("files", { count: files.length, size: size(total) })];
  const names = others.map((file) => file.name).join(", ");
  if (others.length) told.push(say("left_out", { names }));
  const isEmpty = !files.length && !others.length;
  form.querySelector(".chosen-count").textContent = isEmpty ? "" : told.join(" ");
}

function item(form, file, place) {
  const line = document.createElement("li");
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "link";
  remove.textContent = say("remove");
  remove.setAttribute("aria-label", say("remove_named", { name: file.name }));
  remove.addEventListener("click", () => {
    choose(
      form,
      [...form.querySelector("#photo").files].filter((_, other) => other !== place),
    );
    form.querySelector(".chosen-count").focus();
  });
  const name = document.createElement("span");
  name.className = "name";
  name.textContent = `${file.name}, ${size(file.size)}`;
  line.append(picture(file, place), name, remove);
  return line;
}

function picture(file, place) {
  const empty = document.createElement("span");
  empty.className = "waiting";
  if (place >= PREVIEWS || ARCHIVE.test(file.name)) return empty;
  const image = new Image();
  image.alt = "";
  image.onerror = () => image.replaceWith(empty); // HEIC and TIFF, in most browsers
  image.src = URL.createObjectURL(file);
  return image;
}

function warn(form, files) {
  form.querySelector(".field-error")?.remove();
  const { mostBytes, mostPhotos, mostTogether } = form.dataset;
  const large = files.find((file) => file.size > Number(mostBytes) && !ARCHIVE.test(file.name));
  const total = files.reduce((sum, file) => sum + file.size, 0);
  if (large) {
    const words = { name: large.name, size: size(large.size), limit: size(Number(mostBytes)) };
    complain(form, say("large_named", words));
  } else if (files.length > Number(mostPhotos))
    complain(form, say("too_many", { count: files.length, most: Number(mostPhotos) }));
  else if (total > Number(mostTogether))
    complain(form, say("too_much", { size: size(total), most: size(Number(mostTogether)) }));
}

// fetch does not tell how much of a body has gone.
function send(form) {
  const progress = form.querySelector(".sending");
  const body = new FormData(form);
  const request = new XMLHttpRequest();
  let told = 0;
  form.setAttribute("data-sending", "");
  progress.hidden = false;
  request.upload.onprogress = ({ loaded, total }) => {
    progress.querySelector("progress").value = loaded / total;
    const words = say("sent", { sent: size(loaded), total: size(total) });
    progress.querySelector("label").textContent = words;
    if (performance.now() - told < BETWEEN_WORDS && loaded < total) return;
    told = performance.now();
    status(words);
  };
  const over = (message) => {
    form.removeAttribute("data-sending");
    progress.hidden = true;
    if (message) complain(form, message);
  };
  request.onerror = () => over(say("unreachable"));
  request.onload = () => {
    if (request.status < 400) return location.assign(request.responseURL);
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const reason = page.querySelector("#summary p, main .lead");
    over(reason?.textContent ?? say("not_taken"));
  };
  request.open("POST", form.action);
  request.send(body);
}
