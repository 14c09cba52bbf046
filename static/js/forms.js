import { say } from "./words.js";

// Forms marked data-enhance are sent with fetch, and only the page's middle is replaced: no flash,
// and what was typed or chosen survives an error. The address in the bar is the result's own.

export const status = (words) => {
  document.getElementById("status").textContent = words;
};

// Where the page in the window came from; a jump to #face-1 does not change it.
let shown = location.pathname;

export function enhanceForms(onNewPage) {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-enhance]");
    if (!form) return;
    event.preventDefault();
    if (!form.matches("[data-sending]")) send(form, event.submitter, onNewPage);
  });
  // Going back to a page that was replaced: load it.
  window.addEventListener("popstate", () => {
    if (location.pathname !== shown) location.reload();
  });
}

async function send(form, submitter, onNewPage) {
  const body = new FormData(form, submitter);
  if (submitter?.formNoValidate) body.delete("photo"); // an example instead of it
  const to = submitter?.hasAttribute("formaction") ? submitter.formAction : form.action;
  const release = busy(form, submitter);
  try {
    const answer = await fetch(to, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("header.site")) throw new Error("Not our page"); // a proxy's, mostly
    release();
    show(page, answer, form, onNewPage, submitter);
  } catch {
    release();
    const words = say("unreachable");
    status(words);
    complain(form, words);
  }
}

function show(page, answer, form, onNewPage, submitter) {
  const stays = form.matches("[data-stay]");
  const place = likeIt(submitter).indexOf(submitter);
  const photo = form.querySelector("input[type=file]")?.files;
  const choices = [...form.querySelectorAll("input[type=radio]:checked")];
  document.title = page.title;
  document.querySelector("header.site").replaceWith(page.querySelector("header.site"));
  keepPicture(page);
  document.querySelector("main").replaceWith(page.querySelector("main"));
  if (answer.redirected) {
    if (answer.url !== location.href) history.pushState(null, "", answer.url);
    shown = location.pathname;
  } else {
    restore(photo, choices);
  }
  if (!stays) scrollTo(0, 0);
  onNewPage();
  if (!document.activeElement.closest("main")) {
    const same =
      stays &&
      likeIt(submitter)
        .slice(0, place + 1)
        .at(-1); // or what took its place
    (same || document.querySelector("main")).focus({ preventScroll: true });
  }
  status(page.title);
}

// The same button, and those of one form that do the same to other things.
const likeIt = (button) => [
  ...document.querySelectorAll(
    button?.name
      ? `main button[name="${button.name}"][value="${button.value}"]`
      : `main button[form="${button?.getAttribute("form")}"]`,
  ),
];

// The same photo need not be loaded and painted again.
function keepPicture(page) {
  const fresh = page.querySelector("[data-picture]");
  const old = fresh && document.querySelector(`[data-picture="${fresh.dataset.picture}"]`);
  if (!old) return;
  old.alt = fresh.alt;
  fresh.replaceWith(old);
}

// After an error the same form comes back: choose again what had been chosen.
function restore(photo, choices) {
  const input = document.querySelector("main input[type=file]");
  if (input && photo?.length) input.files = photo;
  for (const { name, value } of choices) {
    const same = document.querySelector(`main input[name=${name}][value="${CSS.escape(value)}"]`);
    if (same) same.checked = true;
  }
}

function busy(form, submitter) {
  const button = submitter ?? form.querySelector("button");
  const words = [...button.childNodes];
  form.setAttribute("data-sending", "");
  button.setAttribute("aria-disabled", "true");
  document.body.classList.add("is-busy");
  if (form.dataset.busy) {
    const spinner = document.createElement("span");
    spinner.className = "spinner";
    if (!button.querySelector("img")) button.replaceChildren(spinner, form.dataset.busy);
    status(form.dataset.busy);
  }
  return () => {
    form.removeAttribute("data-sending");
    button.removeAttribute("aria-disabled");
    button.replaceChildren(...words);
    document.body.classList.remove("is-busy");
  };
}

export function complain(form, message) {
  form.querySelector(".field-error")?.remove();
  const line = document.createElement("p");
  line.className = "field-error";
  line.setAttribute("role", "alert");
  line.textContent = message;
  (form.querySelector("[data-drop]") ?? form).append(line);
}
