// Decodes a ThumbHash: average colour and a few cosine terms of each channel, in about 25 bytes.

/** The pixels of a hash (base64) as ImageData, at most 32 px on its longer side. */
export function decode(base64) {
  const hash = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  const head = header(hash);
  const next = terms(hash, head.hasAlpha ? 6 : 5);
  const scale = 1.25;
  const l = channel(next, head.lx, head.ly, head.lScale);
  const p = channel(next, 3, 3, head.pScale * scale);
  const q = channel(next, 3, 3, head.qScale * scale);
  return paint(head, l, p, q);
}

function header(hash) {
  const first = hash[0] | (hash[1] << 8) | (hash[2] << 16);
  const second = hash[3] | (hash[4] << 8);
  const hasAlpha = first >> 23 !== 0;
  const isLandscape = second >> 15 !== 0;
  const lx = Math.max(3, isLandscape ? (hasAlpha ? 5 : 7) : second & 7);
  const ly = Math.max(3, isLandscape ? second & 7 : hasAlpha ? 5 : 7);
  const ratio = (isLandscape ? (hasAlpha ? 5 : 7) : second & 7) / (isLandscape ? second & 7 : hasAlpha ? 5 : 7);
  return {
    hasAlpha,
    lx,
    ly,
    width: Math.round(ratio > 1 ? 32 : 32 * ratio),
    height: Math.round(ratio > 1 ? 32 / ratio : 32),
    l: (first & 63) / 63,
    p: ((first >> 6) & 63) / 31.5 - 1,
    q: ((first >> 12) & 63) / 31.5 - 1,
    lScale: ((first >> 18) & 31) / 31,
    pScale: ((second >> 3) & 63) / 63,
    qScale: ((second >> 9) & 63) / 63,
  };
}

/** Reads one half-byte after the other. */
function terms(hash, start) {
  let index = 0;
  return () => (hash[start + (index >> 1)] >> ((index++ & 1) << 2)) & 15;
}

function channel(next, nx, ny, scale) {
  const factors = [];
  for (let cy = 0; cy < ny; cy++) {
    for (let cx = cy ? 0 : 1; cx * ny < nx * (ny - cy); cx++) {
      factors.push([cx, cy, (next() / 7.5 - 1) * scale]);
    }
  }
  return factors;
}

function paint(head, l, p, q) {
  const { width, height } = head;
  const image = new ImageData(width, height);
  const across = cosines(width);
  const down = cosines(height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const value = (start, factors) => sum(start, factors, across[x], down[y]);
      const light = value(head.l, l);
      const difference = value(head.q, q);
      const blue = light - (2 / 3) * value(head.p, p);
      const red = (3 * light - blue + difference) / 2;
      image.data.set([red * 255, (red - difference) * 255, blue * 255, 255], at);
    }
  }
  return image;
}

function cosines(size) {
  const at = (place) => Array.from({ length: 7 }, (_, wave) => Math.cos((Math.PI / size) * (place + 0.5) * wave));
  return Array.from({ length: size }, (_, place) => at(place));
}

function sum(start, factors, across, down) {
  let value = start;
  for (const [cx, cy, factor] of factors) value += factor * across[cx] * down[cy] * 2;
  return value;
}
