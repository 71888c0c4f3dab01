/** Keeps the page itself, so that it can be opened without a network. What the API says is not kept here. */

const CACHE = "taskboard";

addEventListener("install", (event) => event.waitUntil(keepPage()));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const isOurs = origin === location.origin && !pathname.startsWith("/api/");
  if (request.method !== "GET" || !isOurs) return;
  event.respondWith(request.mode === "navigate" ? page(event) : asset(request));
});

async function page(event) {
  try {
    const response = await fetch(event.request);
    // It may be a newer one.
    event.waitUntil(keepPage().catch(() => {}));
    return response;
  } catch {
    return (await caches.match("/")) ?? Response.error();
  }
}

/** The name of an asset changes with what is in it. */
async function asset(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function keepPage() {
  const response = await fetch("/");
  if (!response.ok) throw new Error(`The page answers ${response.status}.`);
  const html = await response.clone().text();
  const named = Array.from(html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g), ([, path]) => path);
  const assets = [...new Set([...named, ...(await fetchedLater())])];
  const cache = await caches.open(CACHE);
  for (const path of assets) if (!(await cache.match(path))) await cache.add(path);
  await cache.put("/", response);
  for (const { url } of await cache.keys())
    if (!["/", ...assets].includes(new URL(url).pathname)) await cache.delete(url);
}

/** What the page fetches only when it is needed: then there may be no network. */
async function fetchedLater() {
  const manifest = await (await fetch("/assets.json")).json();
  return Object.values(manifest).flatMap(({ file, css = [] }) =>
    [file, ...css].map((path) => `/${path}`),
  );
}
