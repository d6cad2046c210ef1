// A link that asks for `#dialog` opens its page there; Escape, its cross and a click beside it close it.
const dialog = document.querySelector("[data-dialog]");

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "dialog" || dialog.open) return;
  dialog.showModal();
});

dialog.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-dialog-close]")) dialog.close();
});

document.addEventListener("dialog-done", () => dialog.close());
