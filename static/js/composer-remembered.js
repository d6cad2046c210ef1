// What was written goes on to be used: a prompt of the history in the composer, and what stands there in a comparison.
const UNSAID = ["csrfmiddlewaretoken", "token", "lock"];

document.addEventListener("click", (event) => {
  const used = event.target.closest("#dialog [data-use-prompt]");
  if (!used || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const form = document.querySelector("[data-composer]");
  write(form.elements.negative_prompt, used.dataset.negative);
  write(form.elements.prompt, used.querySelector(".prompt-text").textContent);
  used.closest("dialog").close();
  form.elements.prompt.focus();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-compare]");
  if (!link) return;
  const written = new FormData(link.closest("form"));
  const given = [...written].filter(([name, value]) => value && !UNSAID.includes(name));
  link.search = new URLSearchParams(given.map(([name, value]) => [name === "model" ? "models" : name, value]));
});

function write(field, text) {
  field.value = text;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
