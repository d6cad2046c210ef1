// The next part of a wall is fetched long before the end of this one is seen.
const ahead = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) htmx.trigger(target, "near");
  },
  { rootMargin: "200% 0px" },
);

/** Watches the way on, once htmx knows it. */
export function watch(part) {
  part.querySelectorAll("[data-more]").forEach((link) => ahead.observe(link));
}

document.addEventListener("htmx:load", (event) => watch(event.detail.elt));
