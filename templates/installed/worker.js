{% autoescape off %}const SETTINGS = {{ settings }};{% endautoescape %}
const CACHE = `atelier-${SETTINGS.version}`;
const HASHED = /\.[0-9a-f]{12}\.\w+$/;

// Only files that are the same for everybody are ever kept: hashed ones, and what the page for being offline needs.
self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SETTINGS.kept.map((url) => new Request(url, { cache: "reload" })))));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (url.pathname.startsWith(SETTINGS.files) && HASHED.test(url.pathname)) event.respondWith(kept(request));
  else if (SETTINGS.kept.includes(url.pathname)) event.respondWith(fetch(request).catch(() => caches.match(request)));
});

self.addEventListener("push", (event) => {
  const { title, body, url } = event.data.json();
  event.waitUntil(looked().then((seen) => seen || registration.showNotification(title, { body, data: url, tag: url, icon: SETTINGS.icon })));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(clients.openWindow(event.notification.data));
});

/** Whether somebody looks at the studio now and sees it for themselves. */
async function looked() {
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows.some((window) => window.focused);
}

async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(SETTINGS.offline)) ?? Response.error();
  }
}

async function kept(request) {
  const found = await caches.match(request);
  if (found) return found;
  const response = await fetch(request);
  if (response.ok) (await caches.open(CACHE)).put(request, response.clone());
  return response;
}
