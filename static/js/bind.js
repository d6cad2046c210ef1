const bindings = [];

new MutationObserver((records) => {
  for (const record of records) {
    for (const node of record.addedNodes) {
      if (node instanceof Element) for (const binding of bindings) apply(node, ...binding);
    }
  }
}).observe(document.documentElement, { childList: true, subtree: true });

/** Gives every element that matches to `attach`: those that are there, and those that come later. */
export function bind(selector, attach) {
  bindings.push([selector, attach]);
  document.querySelectorAll(selector).forEach((element) => attach(element));
}

function apply(node, selector, attach) {
  if (node.matches(selector)) attach(node);
  node.querySelectorAll(selector).forEach((element) => attach(element));
}

/** Fills `%(name)s` in words that the page brought along; a number as the page's language writes it. */
export function fill(words, values) {
  return words.replace(/%\((\w+)\)s/g, (whole, name) => written(values[name] ?? whole));
}

/** A number with its thousands apart; anything else as it is. */
export function written(value) {
  return typeof value === "number" ? new Intl.NumberFormat(document.documentElement.lang).format(value) : String(value);
}
