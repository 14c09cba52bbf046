// Drag and drop, paste and a preview for the file input; several photos become an album.
import { complain } from "./forms.js";
import { say, size } from "./words.js";

export function enhanceUpload(root) {
  const form = root.querySelector("form[data-upload]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  input.multiple = "album" in form.dataset;
  const one = { action: form.action, words: form.querySelector(".primary").textContent };
  const show = () => {
    preview(form, input.files);
    chooseDestination(form, input.files, one);
  };
  input.addEventListener("change", () => {
    show();
    checkSizes(form, input.files);
  });
  acceptDrops(form, input);
  if (input.files.length) show(); // after an error, whose words stay
}

// Dropping beside the area must not make the browser leave the page for the picture.
function acceptDrops(form, input) {
  const area = form.querySelector("[data-drop]");
  form.ownerDocument.body.ondragover = (event) => {
    event.preventDefault();
    area.classList.add("over");
  };
  form.ownerDocument.body.ondragleave = (event) => {
    if (!event.relatedTarget) area.classList.remove("over");
  };
  form.ownerDocument.body.ondrop = (event) => {
    event.preventDefault();
    area.classList.remove("over");
    take(input, event.dataTransfer.files);
  };
  form.ownerDocument.onpaste = (event) => take(input, event.clipboardData.files);
}

function take(input, files) {
  if (!files.length || !input.isConnected) return;
  const taken = new DataTransfer();
  for (const file of input.multiple ? files : [files[0]]) taken.items.add(file);
  input.files = taken.files;
  input.dispatchEvent(new Event("change"));
}

function preview(form, files) {
  const figure = form.querySelector(".preview");
  const caption = figure.querySelector("figcaption");
  URL.revokeObjectURL(figure.querySelector("img")?.src);
  form.classList.toggle("chosen", files.length > 0);
  figure.hidden = !files.length;
  figure.replaceChildren(caption);
  if (!files.length) return;
  const [{ name }, count] = [files[0], files.length - 1];
  caption.textContent = count ? say("and_more", { name, count }) : "";
  const image = new Image();
  image.alt = "";
  image.onerror = () => {
    image.remove(); // HEIC and TIFF, in most browsers
    caption.textContent ||= say("no_preview");
  };
  image.src = URL.createObjectURL(files[0]);
  figure.prepend(image);
}

function checkSizes(form, files) {
  form.querySelector(".field-error")?.remove();
  const limit = Number(form.dataset.maxBytes);
  const large = [...files].find((file) => file.size > limit && !isArchive(file));
  if (!large) return;
  const words = { name: large.name, size: size(large.size), limit: size(limit) };
  complain(form, say(files.length > 1 ? "large_named" : "large", words));
}

const isArchive = (file) => /\.zip$/i.test(file.name);

function chooseDestination(form, files, one) {
  const album = form.dataset.album;
  const several = album && (files.length > 1 || [...files].some(isArchive));
  form.action = several ? album : one.action;
  const count = files.length;
  const many = say(count > 1 ? "make_album_of" : "make_album", { count });
  form.querySelector(".primary").textContent = several ? many : one.words;
}
