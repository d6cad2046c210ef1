// The composer while one writes and chooses: counter, price, what the model can do, seed, and sending.
import { bind, fill } from "./bind.js";

const NEAR = 0.9;
const MAX_SEED = 4294967295;

bind("[data-composer]", (form) => {
  const update = () => {
    count(form);
    offer(form);
    quote(form);
    summarise(form);
  };
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.querySelector("[data-dice]").addEventListener("click", () => setSeed(form, draw()));
  form.querySelector("[data-lock]").addEventListener("click", () => lock(form, !locked(form)));
  if (navigator.platform.startsWith("Mac")) form.querySelector("[data-submit-key]").textContent = "⌘ ↵";
  update();
  form.querySelector("[aria-invalid=true]")?.focus();
});

// After a submit that was taken: a new token, and a new random seed unless it is locked.
document.addEventListener("composed", (event) => {
  const form = document.querySelector("[data-composer]");
  form.elements.token.value = event.detail.token;
  form.querySelectorAll(".field-error:not([data-too-dear]), .note-error").forEach((error) => error.remove());
  if (!locked(form)) setSeed(form, "");
});

function chosen(form) {
  return form.querySelector("[name=model]:checked");
}

function locked(form) {
  return form.elements.lock.value === "1";
}

function draw() {
  return crypto.getRandomValues(new Uint32Array(1))[0] % MAX_SEED;
}

/** Characters as the server counts them: code points, not the halves of some of them. */
function length(text) {
  return [...text.trim()].length;
}

function count(form) {
  const prompt = form.querySelector("[data-prompt]");
  const counter = form.querySelector("[data-counter]");
  const most = Number(prompt.dataset.most);
  const written = length(prompt.value);
  counter.textContent = fill(counter.dataset.words, { length: written, most });
  counter.classList.toggle("near", written >= most * NEAR && written <= most);
  counter.classList.toggle("over", written > most);
}

/** Values that the chosen model lacks cannot be chosen; one that was chosen gives way to the first it has. */
function offer(form) {
  const model = chosen(form);
  if (!model) return;
  for (const group of form.querySelectorAll("[data-options]")) {
    const name = group.dataset.options;
    const can = name === "count" ? (value) => Number(value) <= Number(model.dataset.count) : has(model, name);
    const options = [...group.querySelectorAll("input, option")];
    for (const option of options) option.disabled = !can(option.value);
    const lost = options.find((option) => (option.checked || option.selected) && option.disabled);
    const first = options.find((option) => !option.disabled);
    if (lost && first) first[first.tagName === "OPTION" ? "selected" : "checked"] = true;
  }
}

function has(model, name) {
  const values = model.getAttribute(`data-${name}`).split(" ");
  return (value) => values.includes(value);
}

function quote(form) {
  const model = chosen(form);
  if (!model) return;
  const resolution = form.elements.resolution.value;
  const images = Number(form.elements.count.value);
  const price = Number(model.getAttribute(resolution === "2K" ? "data-price-2k" : "data-price-1k"));
  const total = images * price;
  const spendable = Number(form.dataset.spendableNow);
  const line = form.querySelector("[data-price]");
  const words = images > 1 ? line.dataset.many : total > 1 ? line.dataset.single : line.dataset.one;
  line.querySelector("[data-sum]").textContent = fill(words, { count: images, price, total });
  line.querySelector("[data-have]").textContent = fill(line.dataset.have, { spendable });
  line.querySelector("[data-ready]").textContent = fill(line.dataset.ready, { seconds: model.dataset.seconds });
  const tooDear = total > spendable;
  line.classList.toggle("too-dear", tooDear);
  form.querySelector("[data-too-dear]").hidden = !tooDear;
  if (!form.classList.contains("htmx-request")) form.querySelector(".generate").disabled = tooDear || model.disabled;
  const shape = form.querySelector("[name=aspect_ratio]:checked");
  form.querySelector("[data-size]").textContent = shape?.getAttribute(resolution === "2K" ? "data-2k" : "data-1k") ?? "";
  form.dispatchEvent(new CustomEvent("quoted", { bubbles: true, detail: { total, tooDear, images } }));
}

function summarise(form) {
  const negative = form.querySelector("[data-negative-summary]");
  negative.textContent = `· ${form.elements.negative_prompt.value.trim() || negative.dataset.none}`;
  const seed = form.querySelector("[data-seed-summary]");
  const value = form.elements.seed.value.trim() || seed.dataset.random;
  const kept = locked(form) && form.elements.seed.value ? ` ${seed.dataset.locked}` : "";
  seed.textContent = `· ${value}${kept}, ${form.elements.output_format.selectedOptions[0]?.textContent ?? ""}`;
}

function setSeed(form, value) {
  form.elements.seed.value = value;
  form.elements.seed.dispatchEvent(new Event("change", { bubbles: true }));
}

function lock(form, on) {
  if (on && !form.elements.seed.value) setSeed(form, draw());
  form.elements.lock.value = on ? "1" : "";
  form.querySelector("[data-lock]").setAttribute("aria-pressed", String(on));
  summarise(form);
}
