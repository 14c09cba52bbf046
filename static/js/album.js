// While an album is worked on, ask for its page again and put in only the pieces that changed.
const PAUSE = 1500;

export function followAlbum(root) {
  if (root.querySelector("[data-follow=yes]")) setTimeout(() => refresh(root), PAUSE);
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
  followAlbum(root);
}

function take(root, page) {
  root.title = page.title;
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const old = root.getElementById(fresh.id);
    if (old && old.outerHTML !== fresh.outerHTML && !old.contains(root.activeElement)) old.replaceWith(fresh);
  }
  const heading = page.querySelector("h1");
  if (heading) root.querySelector("h1").replaceChildren(...heading.childNodes);
}
