// What stands in the composer is found there again, in this tab: after a look at the gallery, or loading the page anew.
const UNSAID = ["csrfmiddlewaretoken", "token", "lock"];
const composer = () => document.querySelector("[data-composer]");
const key = `draft ${composer().dataset.composer}`; // of one person
const kept = sessionStorage.getItem(key);

addEventListener("pagehide", () => {
  const form = composer();
  const written = [...new FormData(form)].filter(([name]) => !UNSAID.includes(name));
  sessionStorage.setItem(key, JSON.stringify({ written, locked: form.elements.lock.value === "1" }));
});

function restore(form, { written, locked }) {
  for (const [name, value] of written) form.querySelectorAll(`[name="${name}"]`).forEach((field) => put(field, value));
  if (locked && form.elements.lock.value !== "1") form.querySelector("[data-lock]").click();
  form.elements.prompt.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Gives a field its value, if it has that one still. */
function put(field, value) {
  if (field.type === "radio") field.checked ||= field.value === value && !field.disabled;
  else if (!field.options || [...field.options].some((option) => option.value === value)) field.value = value;
}

// An address that asks for something says what stands there.
if (kept && !location.search) restore(composer(), JSON.parse(kept));
