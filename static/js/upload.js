// Drag and drop, paste and a preview for the one file input of the upload page.
import { complain } from "./forms.js";

export function enhanceUpload(root) {
  const form = root.querySelector("form[data-upload]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  for (const element of form.querySelectorAll(".with-js")) element.hidden = false;
  input.addEventListener("change", () => {
    preview(form, input.files[0]);
    checkSize(form, input.files[0]);
  });
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
  const [image, apology] = figure.children;
  URL.revokeObjectURL(image.src);
  form.classList.toggle("chosen", Boolean(file));
  figure.hidden = !file;
  if (!file) return;
  image.hidden = false;
  apology.hidden = true;
  image.onerror = () => {
    image.hidden = true; // HEIC and TIFF, in most browsers
    apology.hidden = false;
  };
  image.src = URL.createObjectURL(file);
}

function checkSize(form, file) {
  form.querySelector(".field-error")?.remove();
  const limit = Number(form.dataset.maxBytes);
  if (file && file.size > limit) {
    complain(
      form,
      `This file has ${(file.size / 1e6).toFixed(1)} MB; the limit is ${limit / 1e6} MB.`,
    );
  }
}
