// Light or dark, remembered. Choosing what the system has means following the system again.
const system = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-switch]")) return;
  const current = root.dataset.theme ?? (system.matches ? "dark" : "light");
  const wanted = current === "dark" ? "light" : "dark";
  const follows = wanted === (system.matches ? "dark" : "light");
  if (follows) delete root.dataset.theme;
  else root.dataset.theme = wanted;
  remember(follows ? null : wanted);
});

function remember(theme) {
  try {
    if (theme) localStorage.setItem("theme", theme);
    else localStorage.removeItem("theme");
  } catch {
    // It lasts as long as the page, then.
  }
}
