// Copies a text: the attribute's own, or that of the marked element beside the button.
import { say } from "./toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = button.dataset.copy || button.parentElement.querySelector("[data-copied-text]")?.textContent || "";
  if (!(await copy(text))) return;
  button.dispatchEvent(new CustomEvent("copied", { bubbles: true }));
  if (button.dataset.toastDone) say(button.dataset.toastDone);
  if (button.dataset.done) confirm(button);
});

function confirm(button) {
  const label = button.querySelector("span");
  const before = label.textContent;
  if (before === button.dataset.done) return;
  label.textContent = button.dataset.done;
  setTimeout(() => (label.textContent = before), 2000);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOldWay(text);
  }
}

/** Without https there is no clipboard object; a selected field can still be copied. */
function copyOldWay(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}
