// A key that focuses a field, and `?`, which lists the keys; unless one is writing already.
const LIST = document.querySelector("[data-shortcuts]").dataset.shortcuts;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, dialog, [contenteditable]")) return;
  if (event.key === "?") return htmx.ajax("GET", LIST, { target: "#dialog" });
  const field = document.querySelector(`[data-focus-key="${CSS.escape(event.key)}"]`);
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});
