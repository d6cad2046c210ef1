// Placeholders before pixels, pictures that fade in over them, and ratios that are not one of the five.
import { bind } from "./bind.js";
import "./gone.js";
import { decode } from "./thumbhash.js";

bind("canvas[data-thumbhash]", (canvas) => {
  try {
    const image = decode(canvas.dataset.thumbhash);
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext("2d").putImageData(image, 0, 0);
  } catch {
    canvas.remove();
  }
});

bind("img[data-arrives]", (image) => {
  fit(image);
  if (image.complete) return;
  image.classList.add("arriving");
  const arrive = () => image.classList.replace("arriving", "arrived");
  image.addEventListener("load", arrive, { once: true });
  image.addEventListener("error", arrive, { once: true });
});

/** The classes know five ratios; a picture that has another gives its place its own. */
function fit(image) {
  const place = image.closest(".frame") ?? image.parentElement;
  const own = image.getAttribute("width") / image.getAttribute("height");
  const given = Number(getComputedStyle(place).getPropertyValue("--ratio"));
  if (Math.abs(own / given - 1) > 0.005) place.style.setProperty("--ratio", own);
}
