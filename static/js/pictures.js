// Placeholders before pixels, pictures that fade in over them, and ratios that are not one of the five.
import { bind } from "./bind.js";
import { picture } from "./thumbhash.js";

const SCROLLING = 1000; // ms since the page moved last
const SOON = 150; // ms in which a picture may come before its hash is drawn
const due = new Set();
const watched = new WeakSet();
let moved = -SCROLLING;

// Only what is still there then and waits: what is far, or came at once, has its average colour and needs no more.
bind("[data-thumbhash]", (place) => {
  if (!due.size) setTimeout(paint, SOON);
  due.add(place);
});

function paint() {
  for (const place of due) {
    if (!place.isConnected || place.parentElement.querySelector("img")?.complete) continue;
    try {
      place.style.background = `url("${picture(place.dataset.thumbhash)}") center / 100% 100%`;
    } catch {
      place.remove();
    }
  }
  due.clear();
}

bind("img[data-arrives]", (image) => {
  if (!image.closest(".laid")) fit(image);
  if (image.complete && image.naturalWidth) return uncover(image);
  if (watched.has(image)) return;
  watched.add(image);
  image.classList.add("arriving");
  const arrive = () => (performance.now() - moved < SCROLLING ? appear(image) : image.classList.replace("arriving", "arrived"));
  image.addEventListener("load", arrive, { once: true });
  image.addEventListener("error", arrive, { once: true });
  image.addEventListener("animationend", () => uncover(image), { once: true });
});

/** While the page moves nobody sees a picture fade in, and each would cost a layer of its own. */
addEventListener("scroll", () => (moved = performance.now()), { passive: true });

function appear(image) {
  image.classList.remove("arriving");
  uncover(image);
}

/** Takes the placeholder from behind a picture that is there. */
function uncover(image) {
  if (image.closest(".wall")) image.parentElement.querySelector("[data-thumbhash]")?.remove();
}

/** The classes know five ratios; a picture that has another gives its place its own. */
function fit(image) {
  const place = image.closest(".frame") ?? image.parentElement;
  const own = image.getAttribute("width") / image.getAttribute("height");
  const given = Number(getComputedStyle(place).getPropertyValue("--ratio"));
  if (Math.abs(own / given - 1) > 0.005) place.style.setProperty("--ratio", own);
}
