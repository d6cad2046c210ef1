// Forms whose answer is given by a passkey: the browser makes one (`create`) or shows one (`get`), then the form is sent.
import { bind } from "./bind.js";

const waiting = new WeakSet();

bind("form[data-passkey]", (form) => form.addEventListener("submit", (event) => answer(event, form)));

async function answer(event, form) {
  event.preventDefault();
  if (waiting.has(form)) return;
  waiting.add(form);
  say(form, "");
  try {
    form.elements.credential.value = JSON.stringify(await credential(form));
    form.submit();
  } catch (error) {
    say(form, error.name === "NotAllowedError" ? "refused" : "unable");
  }
  waiting.delete(form);
}

async function credential(form) {
  const publicKey = await asked(form);
  if (form.dataset.passkey === "get") {
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
  }
  // One that signs in without a password has to be kept by the device, and to know its owner.
  const choice = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
  const authenticatorSelection = { ...publicKey.authenticatorSelection, ...choice };
  const options = PublicKeyCredential.parseCreationOptionsFromJSON({ ...publicKey, authenticatorSelection });
  return navigator.credentials.create({ publicKey: options });
}

/** What the server asks: it is in the form or, where nobody is known yet, behind the form's address. */
async function asked(form) {
  const script = form.querySelector("script");
  const data = script ? JSON.parse(script.textContent) : await ask(form.action);
  return (data.creation_options ?? data.request_options).publicKey;
}

async function ask(address) {
  const response = await fetch(address, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(response.statusText);
  return response.json();
}

function say(form, trouble) {
  const place = form.querySelector("[data-passkey-trouble]");
  place.textContent = trouble && place.dataset[trouble];
}
