// While an album is worked on, ask for its page again and put in only the pieces that changed.
import { status } from "./forms.js";

const PAUSE = 1500;
// So often at most a screen reader is told how far it is.
const BETWEEN_WORDS = 10_000;
let lastWords = -BETWEEN_WORDS;

let next; // time to ask
const FILTER_PAUSE = 250;

export function followAlbum(root) {
  filterAtOnce(root);
  keepAsking(root);
}

function keepAsking(root) {
  clearTimeout(next);
  if (root.querySelector("[data-follow=yes]")) next = setTimeout(() => refresh(root), PAUSE);
}

async function refresh(root) {
  if (!root.querySelector("[data-follow=yes]")) return; // another page took the album's place
  try {
    const answer = await fetch(location.href);
    if (answer.redirected) return location.reload(); // no longer signed in
    if (answer.ok) take(root, new DOMParser().parseFromString(await answer.text(), "text/html"));
    if (answer.status === 404) return location.reload();
  } catch {
    // The server may be away for a moment; the photos are not.
  }
  keepAsking(root);
}

// What is chosen or typed counts at once; the address is the same as without JavaScript.
function filterAtOnce(root) {
  const form = root.querySelector("form[data-filter]");
  if (!form) return;
  let latest;
  form.addEventListener("input", () => {
    clearTimeout(latest);
    latest = setTimeout(async () => {
      const asked = latest;
      const address = new URL(form.action);
      address.search = new URLSearchParams(new FormData(form));
      try {
        const answer = await fetch(address);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (asked !== latest || !form.isConnected) return; // somebody typed on
        history.replaceState(null, "", address);
        for (const fresh of page.querySelectorAll("#album-faces, #album-population")) {
          root.getElementById(fresh.id)?.replaceWith(fresh);
        }
        status(root.querySelector("#album-faces caption").textContent);
      } catch {
        // The button does it, too.
      }
    }, FILTER_PAUSE);
  });
}

function take(root, page) {
  const finished = !page.querySelector("[data-follow=yes]");
  root.title = page.title;
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const old = root.getElementById(fresh.id);
    if (!old || old.outerHTML === fresh.outerHTML) continue;
    // Nobody is interrupted meanwhile; at the end there is no other chance.
    if (finished || !old.contains(root.activeElement)) replace(old, fresh, root.activeElement);
  }
  const heading = page.querySelector("h1");
  if (heading) root.querySelector("h1").replaceChildren(...heading.childNodes);
  tell(root.querySelector("#album-progress label"), finished);
}

// Whoever was on a link is on the same link afterwards.
function replace(old, fresh, focused) {
  const links = (part) => [...part.querySelectorAll("a")];
  const place = links(old).indexOf(focused);
  const href = focused?.getAttribute("href");
  old.replaceWith(fresh);
  if (place < 0) return;
  const same = links(fresh).find((link) => link.getAttribute("href") === href);
  (same ?? links(fresh)[place])?.focus({ preventScroll: true });
}

function tell(label, finished) {
  if (!label || (!finished && performance.now() < lastWords + BETWEEN_WORDS)) return;
  lastWords = performance.now();
  status(label.textContent);
}
