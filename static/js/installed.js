// The service worker shows a page of ours when there is no server, and keeps files that never change.
if ("serviceWorker" in navigator && isSecureContext) {
  addEventListener("load", () => navigator.serviceWorker.register("/worker.js").catch(() => {}));
}
