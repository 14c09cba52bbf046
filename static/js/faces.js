// A line and its box are one thing: pointing at or focusing either marks both. Arrow keys walk from
// face to face, Escape closes.
import { reveal } from "./zoom.js";

const KEYS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 };

export function linkFaces(root) {
  const result = root.querySelector("[data-faces]");
  if (!result) return;
  for (const [begin, end] of [
    ["pointerover", "pointerout"],
    ["focusin", "focusout"],
  ]) {
    result.addEventListener(begin, (event) => mark(result, event.target, true));
    result.addEventListener(end, (event) => mark(result, event.target, false));
  }
  const asked = root.getElementById(location.hash.slice(1));
  if (asked?.matches(".inspector")) asked.closest("details").open = true;
  result.addEventListener("toggle", (event) => opened(result, event.target), true);
  document.onkeydown = (event) => {
    if (!result.isConnected) return;
    if (event.key === "Escape") close(result);
    else walk(result, event);
  };
}

const faceOf = (element) => element.closest("[data-face]")?.dataset.face;

function mark(result, element, on) {
  const face = faceOf(element);
  if (!face) return;
  for (const part of result.querySelectorAll(`[data-face="${face}"]`)) {
    part.classList.toggle("marked", on);
  }
}

// One inspector at a time, in browsers that do not know the name of a <details>, too.
function opened(result, details) {
  if (!details.open || details.name !== "face") return;
  for (const other of result.querySelectorAll("details[name=face][open]")) {
    if (other !== details) other.open = false;
  }
  details.scrollIntoView({ block: "nearest" });
  reveal(result.querySelector(`#box-${faceOf(details)}`));
}

// The photo's other boxes come back first, then the list.
function close(result) {
  const open = result.querySelector(".correction[open], details[name=face][open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
}

// Up and down are the window's, except among the faces.
function walk(result, event) {
  const step = KEYS[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("input, select, textarea")) return;
  const upright = event.key === "ArrowUp" || event.key === "ArrowDown";
  if (upright && !faceOf(event.target)) return;
  const all = [...result.querySelectorAll("details[name=face]")];
  const now = Number(
    faceOf(event.target) ?? faceOf(result.querySelector("details[open]") ?? result),
  );
  const next = all[now ? now - 1 + step : step > 0 ? 0 : all.length - 1];
  event.preventDefault();
  if (!next) return;
  next.open = true;
  next.querySelector("summary").focus();
}
