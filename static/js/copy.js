// The numbers as a table for a text or a spreadsheet.
import { status } from "./forms.js";
import { columns, percentage, say } from "./words.js";

export function offerCopy(root) {
  const place = root.querySelector("[data-copy]");
  // Browsers have a clipboard for pages on this machine and over https alone.
  if (!place || !navigator.clipboard) return;
  place.hidden = false;
  const button = place.querySelector("button");
  button.addEventListener("click", async () => {
    const words = await copied(place.dataset.copy);
    button.textContent = words;
    status(words);
  });
}

async function copied(address) {
  try {
    const analysis = await (await fetch(address)).json();
    await copy([columns, ...analysis.faces.map(rowOf)]);
    return say("copied");
  } catch {
    return say("not_copied");
  }
}

function rowOf({ age, gender }, index) {
  const years = age.years === null ? "" : Math.round(age.years);
  const [likely, sure] = [percentage(age.confidence), percentage(gender.confidence)];
  return [index + 1, age.bucket, likely, years, say(gender.label), sure];
}

function copy(rows) {
  const table = document.createElement("table");
  for (const cells of rows) {
    const row = table.insertRow();
    for (const cell of cells) row.insertCell().textContent = cell;
  }
  const lines = rows.map((cells) => cells.join("\t")).join("\n");
  const item = { "text/plain": lines, "text/html": table.outerHTML };
  return navigator.clipboard.write([new ClipboardItem(item)]);
}
