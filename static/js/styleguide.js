// States that only a pointer or the keyboard would bring about: rules for `:hover` go for `data-shown="hover"` too.
const STATES = /:(hover|focus-visible|focus-within|active)/g;
const shown = new CSSStyleSheet();

for (const sheet of document.styleSheets) {
  for (const rule of sheet.cssRules) {
    if (rule.selectorText?.search(STATES) >= 0) {
      shown.insertRule(rule.cssText.replaceAll(STATES, '[data-shown="$1"]'), shown.cssRules.length);
    }
  }
}
document.adoptedStyleSheets.push(shown);
