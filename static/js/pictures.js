// Placeholders before pixels, pictures that fade in over them, and ratios that are not one of the five.
import { bind } from "./bind.js";
import { decode } from "./thumbhash.js";

const due = new Set();
const watched = new WeakSet();

// Painted before the window is, and only what is still there then: what is far, or came at once, needs none.
bind("canvas[data-thumbhash]", (canvas) => {
  if (!due.size) requestAnimationFrame(paint);
  due.add(canvas);
});

function paint() {
  const now = [...due].filter((canvas) => canvas.isConnected && !watched.has(canvas));
  due.clear();
  for (const canvas of now) {
    watched.add(canvas);
    try {
      const image = decode(canvas.dataset.thumbhash);
      canvas.width = image.width;
      canvas.height = image.height;
      canvas.getContext("2d").putImageData(image, 0, 0);
    } catch {
      canvas.remove();
    }
  }
}

bind("img[data-arrives]", (image) => {
  if (!image.closest(".laid")) fit(image);
  if (image.complete && image.naturalWidth) return uncover(image);
  if (watched.has(image)) return;
  watched.add(image);
  image.classList.add("arriving");
  const arrive = () => image.classList.replace("arriving", "arrived");
  image.addEventListener("load", arrive, { once: true });
  image.addEventListener("error", arrive, { once: true });
  image.addEventListener("animationend", () => uncover(image), { once: true });
});

/** Takes the placeholder from behind a picture that is there. */
function uncover(image) {
  if (image.closest(".wall")) image.parentElement.querySelector("canvas")?.remove();
}

/** The classes know five ratios; a picture that has another gives its place its own. */
function fit(image) {
  const place = image.closest(".frame") ?? image.parentElement;
  const own = image.getAttribute("width") / image.getAttribute("height");
  const given = Number(getComputedStyle(place).getPropertyValue("--ratio"));
  if (Math.abs(own / given - 1) > 0.005) place.style.setProperty("--ratio", own);
}
