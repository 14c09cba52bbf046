// Boxes drawn, moved and resized in the photo. What is done here fills in the form that does the
// same by numbers, and sends it.
import { status } from "./forms.js";
import { say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const CORNERS = ["nw", "ne", "sw", "se"];
// It stays open when a correction has come back: of which photo, and at which box.
let open = "";
let corrected = "";

export function enhanceCorrection(root) {
  const details = root.querySelector("[data-correction]");
  if (!details) return;
  const picture = root.querySelector("[data-picture]");
  const editor = new Editor(details, picture);
  details.addEventListener("toggle", () => {
    open = details.open ? picture.dataset.picture : "";
    editor.show(details.open);
  });
  if (open !== picture.dataset.picture) return;
  details.open = true;
  editor.show(true);
  editor.focus(corrected);
}

class Editor {
  constructor(details, picture) {
    this.picture = picture;
    this.form = details.querySelector("form");
    this.remover = details.querySelector(".remove-box");
    this.chosenFace = details.querySelector(".chosen-face");
    this.width = Number(picture.getAttribute("width"));
    this.height = Number(picture.getAttribute("height"));
    this.least = Number(this.form.elements.width.min);
    this.layer = this.drawn();
    this.fill(this.form.elements.face);
    this.form.elements.face.addEventListener("change", (event) => this.fill(event.target));
    details.querySelector(".add-box").addEventListener("click", () => this.add());
    this.remover.addEventListener("click", () => this.remove(this.chosen));
  }

  show(on) {
    this.picture.parentElement.classList.toggle("correcting", on);
    if (!on) this.layer.remove();
    else if (!this.layer.isConnected) this.picture.parentElement.append(this.layer);
  }

  focus(number) {
    const groups = [...this.layer.querySelectorAll("g")];
    const group = groups.find((one) => one.dataset.number === number) ?? groups.at(-1);
    group?.focus({ preventScroll: true });
  }

  fill(select) {
    const box = select.selectedOptions[0].dataset.box?.split(" ") ?? [];
    ["x", "y", "width", "height"].forEach((name, place) => {
      this.form.elements[name].value = box[place] ?? "";
    });
  }

  drawn() {
    const layer = made("svg", { class: "boxes corrections", role: "group" });
    layer.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    layer.setAttribute("aria-label", say("boxes"));
    for (const { value, dataset } of this.form.elements.face.options) {
      if (!dataset.box) continue;
      const [x, y, width, height] = dataset.box.split(" ").map(Number);
      layer.append(this.editable(value, { x, y, width, height }));
    }
    layer.addEventListener("pointerdown", (event) => this.grab(event));
    layer.addEventListener("keydown", (event) => this.press(event));
    layer.addEventListener("focusin", (event) => this.choose(event.target.closest("g")));
    return layer;
  }

  editable(number, box) {
    const group = made("g", { tabindex: 0, role: "img", "data-number": number });
    group.append(made("rect", { class: "halo" }), made("rect", { class: "box" }));
    for (const corner of CORNERS) {
      group.append(made("circle", { class: `handle ${corner}`, "data-corner": corner }));
    }
    place(group, box, this.width);
    return group;
  }

  choose(group) {
    this.chosen = group;
    this.remover.disabled = !group;
    this.chosenFace.textContent = group ? faceOf(group) : "";
  }

  // A press on a corner resizes, one on a box moves, one beside them begins a new box. A second
  // finger means that the first began no box: they zoom.
  grab(event) {
    if (!event.isPrimary) this.layer.onpointercancel?.(event);
    if (event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    const start = this.point(event);
    const pressed = event.target.closest("g");
    const group = pressed ?? this.editable("", { ...start, width: 0, height: 0 });
    if (!pressed) this.layer.append(group);
    group.focus({ preventScroll: true });
    const before = boxOf(group);
    const corner = pressed ? event.target.dataset.corner : "se";
    const move = (now) => {
      const { x, y } = this.point(now);
      place(group, this.changed(before, corner, x - start.x, y - start.y), this.width);
    };
    const end = (last) => {
      this.layer.removeEventListener("pointermove", move);
      this.layer.onpointerup = this.layer.onpointercancel = null;
      if (last.type !== "pointerup") this.undo(group, before);
      else this.take(group, before);
    };
    this.layer.setPointerCapture(event.pointerId);
    this.layer.addEventListener("pointermove", move);
    this.layer.onpointerup = end;
    this.layer.onpointercancel = end;
  }

  changed({ x, y, width, height }, corner, right, down) {
    if (!corner) return this.inside({ x: x + right, y: y + down, width, height });
    const [west, north] = [corner.includes("w"), corner.includes("n")];
    const fixed = { x: west ? x + width : x, y: north ? y + height : y };
    const free = { x: (west ? x : x + width) + right, y: (north ? y : y + height) + down };
    free.x = Math.min(Math.max(free.x, 0), this.width);
    free.y = Math.min(Math.max(free.y, 0), this.height);
    const left = Math.min(fixed.x, free.x);
    const top = Math.min(fixed.y, free.y);
    return {
      x: left,
      y: top,
      width: Math.abs(free.x - fixed.x),
      height: Math.abs(free.y - fixed.y),
    };
  }

  inside({ x, y, width, height }) {
    const left = Math.min(Math.max(x, 0), this.width - width);
    const top = Math.min(Math.max(y, 0), this.height - height);
    return { x: left, y: top, width, height };
  }

  press(event) {
    const group = event.target.closest("g");
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key in steps) {
      const step = Math.max(1, Math.round(this.width / 200));
      const [right, down] = steps[event.key].map((one) => one * step);
      const corner = event.shiftKey ? "se" : undefined;
      place(group, this.changed(boxOf(group), corner, right, down), this.width);
    } else if (event.key === "Enter") this.take(group);
    else if (event.key === "Delete" || event.key === "Backspace") this.remove(group);
    else return;
    event.preventDefault();
    event.stopPropagation(); // arrow keys may do other things on the page
  }

  add() {
    const side = Math.round(Math.min(this.width, this.height) / 4);
    const [x, y] = [Math.round((this.width - side) / 2), Math.round((this.height - side) / 2)];
    const group = this.editable("", { x, y, width: side, height: side });
    this.layer.append(group);
    group.focus();
    status(say("box_added"));
  }

  take(group, before) {
    const box = boxOf(group);
    if (Math.min(box.width, box.height) < this.least) {
      if (before) this.undo(group, before);
      return status(say("box_too_small"));
    }
    if (before && same(box, before)) return; // a click
    corrected = this.form.elements.face.value = group.dataset.number;
    for (const name of Object.keys(box)) this.form.elements[name].value = box[name];
    this.form.requestSubmit(this.form.querySelector("button:not([name])"));
  }

  undo(group, before) {
    if (group.dataset.number) place(group, before, this.width);
    else group.remove();
  }

  remove(group) {
    if (!group?.dataset.number) return group?.remove();
    corrected = this.form.elements.face.value = group.dataset.number;
    this.form.requestSubmit(this.form.querySelector("button[name=remove]"));
  }

  point(event) {
    const place = new DOMPoint(event.clientX, event.clientY);
    const { x, y } = place.matrixTransform(this.layer.getScreenCTM().inverse());
    return { x: Math.round(x), y: Math.round(y) };
  }
}

function place(group, box, width) {
  group.dataset.box = JSON.stringify(box);
  const face = faceOf(group);
  group.setAttribute("aria-label", say(face ? "face_box" : "new_box", { face, ...box }));
  for (const rect of group.querySelectorAll("rect")) set(rect, box);
  for (const handle of group.querySelectorAll("circle")) {
    const { corner } = handle.dataset;
    const cx = corner.includes("w") ? box.x : box.x + box.width;
    const cy = corner.includes("n") ? box.y : box.y + box.height;
    set(handle, { cx, cy, r: width / 90 });
  }
}

// What the page says of the face in a box; nothing of a new one.
const faceOf = ({ dataset: { number } }) =>
  number ? document.querySelector(`#box-${number} title`).textContent : "";

const boxOf = (group) => JSON.parse(group.dataset.box);

const same = (one, other) => Object.keys(one).every((name) => one[name] === other[name]);

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

function made(name, attributes) {
  const element = document.createElementNS(SVG, name);
  set(element, attributes);
  return element;
}
