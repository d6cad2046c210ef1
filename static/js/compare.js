// What a comparison costs, while one chooses: two or three models, no more than one can pay.
import { bind, fill } from "./bind.js";

const FEWEST = 2;
const MOST = 3;

bind("[data-compare-form]", (form) => {
  form.addEventListener("change", () => update(form));
  update(form);
});

function update(form) {
  const models = [...form.querySelectorAll("[name=models]")];
  const chosen = models.filter((model) => model.checked);
  const high = form.elements.resolution.value === "2K";
  const prices = chosen.map((model) => Number(model.getAttribute(high ? "data-price-2k" : "data-price-1k")));
  const total = prices.reduce((sum, price) => sum + price, 0) * Number(form.elements.count.value);
  const line = form.querySelector("[data-price]");
  line.querySelector("[data-sum]").textContent = fill(total === 1 ? line.dataset.one : line.dataset.words, { total });
  const tooDear = total > Number(form.dataset.spendableNow);
  const wrong = chosen.length < FEWEST || chosen.length > MOST;
  line.classList.toggle("too-dear", tooDear);
  form.querySelector("[data-how-many]").hidden = !wrong;
  form.querySelector("[data-compare-send]").disabled = tooDear || wrong;
  const shape = form.querySelector("[name=aspect_ratio]:checked");
  form.querySelector("[data-size]").textContent = shape?.getAttribute(high ? "data-2k" : "data-1k") ?? "";
}
