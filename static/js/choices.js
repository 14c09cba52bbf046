// Which detector and network somebody chose: told in one line, and remembered by the browser.
const KEY = "agelens.choices";

export function rememberChoices(root) {
  const box = root.querySelector("details[data-choices]");
  if (!box) return;
  for (const [name, value] of Object.entries(remembered())) {
    const input = box.querySelector(`[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
    if (input && !input.disabled) input.checked = true;
  }
  tell(box);
  box.addEventListener("change", () => {
    tell(box);
    remember(box);
  });
}

const chosen = (box) => [...box.querySelectorAll("input:checked")];

function tell(box) {
  const titles = chosen(box).map(
    (input) => input.parentElement.querySelector("strong").textContent,
  );
  box.querySelector("[data-chosen]").textContent = titles.join(" · ");
}

// A browser that keeps nothing refuses even to be asked.
function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function remember(box) {
  const choices = Object.fromEntries(chosen(box).map(({ name, value }) => [name, value]));
  try {
    localStorage.setItem(KEY, JSON.stringify(choices));
  } catch {
    // They hold for this page, then.
  }
}
