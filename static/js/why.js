// Where an answer comes from, shown in the face's inspector instead of on a page of its own.
import { status } from "./forms.js";
import { say } from "./words.js";

export function explainInPlace(root) {
  for (const link of root.querySelectorAll("a[data-why]")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (!link.matches("[aria-disabled]")) explain(link);
    });
  }
}

async function explain(link) {
  link.setAttribute("aria-disabled", "true");
  status(say("covering"));
  try {
    const answer = await fetch(link.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("[data-explanation]");
    if (!found) return location.assign(link.href); // the page says what is wrong
    found.tabIndex = -1;
    link.closest("p").after(found);
    link.remove();
    found.focus({ preventScroll: true });
    found.scrollIntoView({ block: "nearest" });
    status(
      [...found.querySelectorAll("figcaption")]
        .map((one) => one.textContent)
        .join(" ")
        .replace(/\s+/g, " "),
    );
  } catch {
    link.removeAttribute("aria-disabled");
    status(say("unreachable"));
  }
}
