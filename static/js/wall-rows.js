// Justified rows by arithmetic alone, broken where the style sheet breaks them before any script has run.

/**
 * Rows of ratios: which of them, and how high. A row is as high as fills the wall from edge to edge.
 * What does not fill one is the last row where nothing follows, and is left over while the wall is `open`.
 */
export function rows(ratios, { width, row, gap, tallest }, open) {
  const found = [];
  let from = 0;
  let sum = 0;
  const close = (to, most) => {
    const full = (width - gap * (to - from - 1)) / sum;
    found.push({ from, to, height: Math.min(full, most) });
    [from, sum] = [to, 0];
  };
  ratios.forEach((ratio, at) => {
    if (at > from && (sum + ratio) * row + gap * (at - from) > width) close(at, row * tallest);
    sum += ratio;
  });
  if (from < ratios.length && !open) close(ratios.length, row);
  return found;
}
