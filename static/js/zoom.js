// A closer look at the photo: wheel, two fingers, keys and buttons; what is larger can be dragged.
const MOST = 12;
const STEP = 1.4;
// A wheel that has just moved the page does not start to zoom under the pointer.
const AFTER_SCROLL = 300;

const views = new WeakMap();
let scrolled = -AFTER_SCROLL;
addEventListener("scroll", () => (scrolled = performance.now()), { passive: true });

export function enableZoom(root) {
  const frame = root.querySelector("[data-zoom]");
  if (!frame) return;
  const view = { frame, stage: frame.firstElementChild, scale: 1, x: 0, y: 0 };
  views.set(frame, view);
  for (const button of frame.parentElement.querySelectorAll("[data-zoom-by]")) {
    button.addEventListener("click", () => zoom(view, Number(button.dataset.zoomBy)));
  }
  frame.addEventListener("wheel", (event) => onWheel(view, event), { passive: false });
  frame.parentElement.addEventListener("keydown", (event) => onKey(view, event));
  followFingers(view);
}

// Bring a box into the middle, where only a part of the photo can be seen.
export function reveal(box) {
  const view = box && views.get(box.closest("[data-zoom]"));
  if (!view || view.scale === 1) return;
  const [place, window] = [box.querySelector(".box"), view.frame].map((one) =>
    one.getBoundingClientRect(),
  );
  view.x += window.x + window.width / 2 - (place.x + place.width / 2);
  view.y += window.y + window.height / 2 - (place.y + place.height / 2);
  apply(view);
}

function zoom(view, factor, at = middle(view)) {
  const scale = Math.min(Math.max(view.scale * factor, 1), MOST);
  const ratio = scale / view.scale;
  view.x = at.x - (at.x - view.x) * ratio;
  view.y = at.y - (at.y - view.y) * ratio;
  view.scale = scale;
  apply(view);
}

function apply(view) {
  const { clientWidth: width, clientHeight: height } = view.frame;
  view.x = Math.min(0, Math.max(view.x, width * (1 - view.scale)));
  view.y = Math.min(0, Math.max(view.y, height * (1 - view.scale)));
  view.stage.style.transform =
    view.scale === 1 ? "" : `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
  view.frame.classList.toggle("zoomed", view.scale > 1);
  if (view.scale > 1) view.stage.querySelector("img").sizes = "400vw"; // the sharpest there is
}

const middle = ({ frame }) => ({ x: frame.clientWidth / 2, y: frame.clientHeight / 2 });

function pointIn(view, event) {
  const { x, y } = view.frame.getBoundingClientRect();
  return { x: event.clientX - x, y: event.clientY - y };
}

function onWheel(view, event) {
  const isWhole = view.scale === 1;
  if (isWhole && event.deltaY >= 0) return; // the page moves on
  if (isWhole && !event.ctrlKey && performance.now() < scrolled + AFTER_SCROLL) return;
  event.preventDefault();
  zoom(view, Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 400)), pointIn(view, event));
}

function onKey(view, event) {
  const pan = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "+" || event.key === "=") zoom(view, STEP);
  else if (event.key === "-") zoom(view, 1 / STEP);
  else if (event.key === "0") zoom(view, 0);
  else if (event.shiftKey && pan[event.key]) {
    const [x, y] = pan[event.key];
    view.x += 60 * x;
    view.y += 60 * y;
    apply(view);
  } else return;
  event.preventDefault();
}

function followFingers(view) {
  const fingers = new Map();
  let moved = false;
  view.frame.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, pointIn(view, event));
    moved = false;
  });
  view.frame.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = pointIn(view, event);
    if (!moved && distance(before, now) < 4) return;
    moved = true;
    if (fingers.size > 1) pinch(view, fingers, event.pointerId, now);
    else if (view.scale > 1 && !view.stage.matches(".correcting")) {
      view.x += now.x - before.x;
      view.y += now.y - before.y;
      apply(view);
    }
    fingers.set(event.pointerId, now);
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
    view.frame.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }
  // Whoever drags the photo by a face does not follow the face's link.
  view.frame.addEventListener("click", (event) => moved && event.preventDefault(), true);
  view.frame.addEventListener("dragstart", (event) => event.preventDefault());
}

const distance = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);

function pinch(view, fingers, id, now) {
  const other = [...fingers].find(([finger]) => finger !== id)[1];
  const before = distance(fingers.get(id), other);
  if (before > 0) zoom(view, distance(now, other) / before, other);
}
