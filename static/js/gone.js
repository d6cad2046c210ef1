// Pictures that were thrown away in the lightbox: a wall that the browser kept as it was shows them no more.
const NAME = "gone";
const remembered = () => JSON.parse(sessionStorage.getItem(NAME) ?? "[]");

export function forget(picture) {
  sessionStorage.setItem(NAME, JSON.stringify(remembered().filter((one) => one !== picture)));
}

export function remember(picture) {
  sessionStorage.setItem(NAME, JSON.stringify([...remembered(), picture]));
}

addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const picture of remembered()) {
    for (const shown of document.querySelectorAll(`.wall [data-image="${CSS.escape(picture)}"]`)) shown.remove();
  }
});
