// Turns notifications on and off for this browser.
import { bind } from "./bind.js";
import { say } from "./toast.js";

bind("[data-push]", async (place) => {
  if (!("PushManager" in window) || !navigator.serviceWorker) return;
  const { pushManager } = await navigator.serviceWorker.ready;
  const on = place.querySelector("[data-push-on]");
  const off = place.querySelector("[data-push-off]");
  const show = async () => {
    const subscribed = Boolean(await pushManager.getSubscription());
    on.hidden = subscribed;
    off.hidden = !subscribed;
    place.hidden = false;
  };
  const press = (button, act) =>
    button.addEventListener("click", async () => {
      const focused = document.activeElement === button;
      try {
        await act();
      } catch (error) {
        say(error.name === "NotAllowedError" ? place.dataset.refused : place.dataset.trouble, { error: true });
      }
      await show();
      if (focused) (on.hidden ? off : on).focus();
    });
  press(on, () => subscribe(pushManager, place));
  press(off, () => unsubscribe(pushManager, place));
  show();
});

async function subscribe(pushManager, place) {
  const asked = { userVisibleOnly: true, applicationServerKey: place.dataset.push };
  const subscription = await pushManager.subscribe(asked);
  const { endpoint, keys } = subscription.toJSON();
  const taken = await post(place, place.dataset.onUrl, { address: endpoint, key: keys.p256dh, secret: keys.auth });
  if (taken) return;
  await subscription.unsubscribe();
  throw new Error("not taken");
}

async function unsubscribe(pushManager, place) {
  const subscription = await pushManager.getSubscription();
  await post(place, place.dataset.offUrl, { address: subscription.endpoint });
  await subscription.unsubscribe();
}

async function post(place, url, values) {
  const headers = { "X-CSRFToken": place.dataset.token };
  return (await fetch(url, { method: "POST", headers, body: new URLSearchParams(values) })).ok;
}
