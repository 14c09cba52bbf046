// Sentences and numbers in the page's language. The page brings the sentences along.
export const language = document.documentElement.lang;
const sentences = JSON.parse(document.getElementById("sentences").textContent);
const plurals = new Intl.PluralRules(language);
const written = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });

// A sentence with its values in it. One that has two forms is told by the value `count`.
export function say(key, values = {}) {
  const forms = [sentences[key]].flat();
  const sentence = forms[plurals.select(values.count ?? 1) === "one" ? 0 : forms.length - 1];
  return sentence.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? written.format(value) : value;
  });
}

export const columns = sentences.columns;

export const percentage = (share) =>
  new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 }).format(share);

export function size(bytes) {
  const unit = bytes < 1e6 ? "kilobyte" : "megabyte";
  const count = bytes < 1e6 ? Math.ceil(bytes / 1e3) : bytes / 1e6;
  const options = { style: "unit", unit, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language, options).format(count);
}
