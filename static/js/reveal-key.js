// Leaving with a key that was not copied asks once.
const section = document.querySelector("[data-secret]");
if (section) {
  const ask = (event) => event.preventDefault();
  addEventListener("beforeunload", ask);
  section.addEventListener("copied", () => removeEventListener("beforeunload", ask));
  section.querySelector("[data-copied-text]").addEventListener("copy", () => removeEventListener("beforeunload", ask));
}
