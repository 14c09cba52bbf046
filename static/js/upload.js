// Drag and drop, paste and a preview for the one file input of the upload page.
import { complain } from "./forms.js";

export function enhanceUpload(root) {
  const form = root.querySelector("form[data-upload]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  form.querySelectorAll(".with-js").forEach((element) => (element.hidden = false));
  input.addEventListener("change", () => preview(form, input.files[0]));
  acceptDrops(form, input);
  if (input.files.length) preview(form, input.files[0]);
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
  const first = new DataTransfer();
  first.items.add(files[0]);
  input.files = first.files;
  input.dispatchEvent(new Event("change"));
}

function preview(form, file) {
  const figure = form.querySelector(".preview");
  const image = figure.querySelector("img");
  URL.revokeObjectURL(image.src);
  form.classList.toggle("chosen", Boolean(file));
  figure.hidden = !file;
  if (!file) return;
  const megabytes = (file.size / 1e6).toFixed(1);
  figure.querySelector("figcaption").textContent = `${file.name} – ${megabytes} MB`;
  image.hidden = false;
  image.onerror = () => (image.hidden = true); // a format that this browser cannot show
  image.src = URL.createObjectURL(file);
  form.querySelector(".field-error")?.remove();
  if (file.size > Number(form.dataset.maxBytes)) {
    complain(form, `This file has ${megabytes} MB; the limit is ${form.dataset.maxBytes / 1e6} MB.`);
  }
}
