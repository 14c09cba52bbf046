// A row and its box are one thing: pointing at or focusing either marks both.

export function linkFaces(root) {
  const result = root.querySelector("[data-link-faces]");
  if (!result) return;
  for (const [begin, end] of [
    ["pointerover", "pointerout"],
    ["focusin", "focusout"],
  ]) {
    result.addEventListener(begin, (event) => mark(result, event.target, true));
    result.addEventListener(end, (event) => mark(result, event.target, false));
  }
}

function mark(result, element, on) {
  const face = element.closest("[data-face]")?.dataset.face;
  if (!face) return;
  for (const part of result.querySelectorAll(`[data-face="${face}"]`)) {
    part.classList.toggle("marked", on);
  }
}
