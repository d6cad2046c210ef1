// What the lightbox leaves for the wall that one goes back to: what was thrown away there, and what was looked at last.
const GONE = "gone";
const LOOKED = "looked";

export const gone = () => JSON.parse(sessionStorage.getItem(GONE) ?? "[]");

export function forget(picture) {
  sessionStorage.setItem(GONE, JSON.stringify(gone().filter((one) => one !== picture)));
}

export function remember(picture) {
  sessionStorage.setItem(GONE, JSON.stringify([...gone(), picture]));
}

export function look(picture) {
  sessionStorage.setItem(LOOKED, picture);
}

/** The picture that was looked at last, told once. */
export function looked() {
  const picture = sessionStorage.getItem(LOOKED);
  sessionStorage.removeItem(LOOKED);
  return picture;
}
