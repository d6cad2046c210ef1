// Decodes a ThumbHash: average colour and a few cosine terms of each channel, in about 25 bytes.
const LONG = 16; // px: twice what the finest term needs; the browser smooths it
const HEAD = 54;

/** A hash (base64) as the address of a bitmap, at most 16 px on its longer side. */
export function picture(base64) {
  const hash = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  const head = header(hash);
  const next = terms(hash, head.hasAlpha ? 6 : 5);
  const scale = 1.25;
  const { width, height } = head;
  const l = drawn(channel(next, head.lx, head.ly, head.lScale), head.l, width, height);
  const p = drawn(channel(next, 3, 3, head.pScale * scale), head.p, width, height);
  const q = drawn(channel(next, 3, 3, head.qScale * scale), head.q, width, height);
  return `data:image/bmp;base64,${btoa(String.fromCharCode(...bitmap(l, p, q, width, height)))}`;
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
    width: Math.round(ratio > 1 ? LONG : LONG * ratio),
    height: Math.round(ratio > 1 ? LONG / ratio : LONG),
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

/** The terms of each wave down, by the wave across. */
function channel(next, nx, ny, scale) {
  const lines = [];
  for (let cy = 0; cy < ny; cy++) {
    lines[cy] = cy ? [] : [0];
    for (let cx = cy ? 0 : 1; cx * ny < nx * (ny - cy); cx++) lines[cy][cx] = (next() / 7.5 - 1) * scale * 2;
  }
  return lines;
}

/** A channel's pixels: first the waves across each column, then those down it. */
function drawn(lines, start, width, height) {
  const [across, down] = [cosines(width), cosines(height)];
  const values = new Float32Array(width * height).fill(start);
  lines.forEach((factors, cy) => {
    for (let x = 0; x < width; x++) {
      let wave = 0;
      for (let cx = 0; cx < factors.length; cx++) wave += factors[cx] * across[cx * width + x];
      for (let y = 0; y < height; y++) values[y * width + x] += wave * down[cy * height + y];
    }
  });
  return values;
}

/** A bitmap as files hold it: 54 bytes of head, then lines from the lowest up, each filled to whole words. */
function bitmap(l, p, q, width, height) {
  const line = Math.ceil((width * 3) / 4) * 4;
  const bytes = new Uint8ClampedArray(HEAD + line * height);
  const head = new DataView(bytes.buffer);
  head.setUint16(0, 0x424d); // "BM"
  head.setUint32(2, bytes.length, true);
  head.setUint32(10, HEAD, true);
  head.setUint32(14, 40, true);
  head.setInt32(18, width, true);
  head.setInt32(22, height, true);
  head.setUint16(26, 1, true);
  head.setUint16(28, 24, true); // bits of a pixel
  for (let at = 0; at < l.length; at++) {
    const blue = l[at] - (2 / 3) * p[at];
    const red = (3 * l[at] - blue + q[at]) / 2;
    const start = HEAD + (height - 1 - Math.floor(at / width)) * line + (at % width) * 3;
    bytes[start] = blue * 255;
    bytes[start + 1] = (red - q[at]) * 255;
    bytes[start + 2] = red * 255;
  }
  return bytes;
}

const known = new Map();

/** Seven waves over so many pixels, one after the other. */
function cosines(size) {
  if (!known.has(size)) {
    const at = (_, index) => Math.cos((Math.PI / size) * ((index % size) + 0.5) * Math.floor(index / size));
    known.set(size, Float32Array.from({ length: 7 * size }, at));
  }
  return known.get(size);
}
