/**
 * The service worker of the administrators' app: its pages open without a network, and what is pushed is shown.
 *
 * It answers for the app's page and for its files alone. What the API says is never answered from here: the app itself
 * keeps what it shows without a network, and says how old it is (admin/offline.ts).
 */

interface Waits extends Event {
  waitUntil: (work: Promise<unknown>) => void;
}

interface Fetches extends Waits {
  readonly request: Request;
  respondWith: (answer: Promise<Response>) => void;
}

interface Pushed extends Waits {
  readonly data: { text: () => string } | null;
}

interface Clicked extends Waits {
  readonly notification: Notification;
}

interface WindowOfOurs {
  readonly url: string;
  focus: () => Promise<WindowOfOurs>;
  postMessage: (message: unknown) => void;
}

interface Scope {
  readonly location: Location;
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    claim: () => Promise<void>;
    matchAll: (options: { type: "window"; includeUncontrolled: boolean }) => Promise<WindowOfOurs[]>;
    openWindow: (url: string) => Promise<WindowOfOurs | null>;
  };
  skipWaiting: () => Promise<void>;
  addEventListener: <Kind extends keyof Events>(kind: Kind, listener: (event: Events[Kind]) => void) => void;
}

interface Events {
  install: Waits;
  activate: Waits;
  fetch: Fetches;
  message: MessageEvent;
  push: Pushed;
  notificationclick: Clicked;
}

/** What a push says (chalicelib/delivery/channels/push.py). */
interface Said {
  title: string;
  body: string;
  url: string;
  tag: string;
  group: string;
  /** What is said of several, with `{count}` in it. */
  several: string;
  language: string;
}

/** The app's files, as the build of its pages left them (vite.config.ts). */
declare const SHELL_FILES: readonly string[];
declare const SHELL_NAME: string;

const worker = self as unknown as Scope;
const PAGE = "/admin";
const PREFIX = "berth-shell-";
const ICON = "/assets/icons/admin-192.png";
const BADGE = "/assets/icons/badge-96.png";
const PAGE_MS = 4000;
/** So many of one business are shown by themselves; more become one that counts them. */
const MOST_SHOWN = 3;
const LINES = 4;

worker.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(`${PREFIX}${SHELL_NAME}`).then(async (shell) => {
      await shell.addAll(SHELL_FILES.map((file) => `/${file}`));
      await shell.add(new Request(PAGE, { cache: "reload" }));
    }),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then(async (names) => {
      // Pages that are open still load parts of the build before: of the former ones the latest stays.
      const former = names.filter((name) => name.startsWith(PREFIX) && name !== `${PREFIX}${SHELL_NAME}`);
      await Promise.all(former.slice(0, -1).map((name) => caches.delete(name)));
      await worker.clients.claim();
    }),
  );
});

worker.addEventListener("message", ({ data }) => {
  if (data === "activate") void worker.skipWaiting();
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== worker.location.origin) return;
  if (request.mode === "navigate" && (pathname === PAGE || pathname.startsWith(`${PAGE}/`))) event.respondWith(page(request));
  else if (pathname.startsWith("/assets/")) event.respondWith(asset(request));
});

/** One after the other: a browser that is asked what it shows forgets what is just about to be shown. */
let shown: Promise<void> = Promise.resolve();

worker.addEventListener("push", (event) => {
  shown = shown.catch(() => undefined).then(() => show(event.data?.text() ?? ""));
  event.waitUntil(shown);
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open((event.notification.data as { url: string }).url));
});

/** The page as the server has it; the kept one where there is no network, or none that answers in time. */
async function page(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PAGE_MS) });
    if (answer.status < 500) return answer;
    return (await caches.match(PAGE)) ?? answer;
  } catch (thrown) {
    const kept = await caches.match(PAGE);
    if (kept === undefined) throw thrown;
    return kept;
  }
}

/** Names of files tell what is in them, so what is kept is right. */
async function asset(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

/** Show one thing; from the fourth of one business on, one notification that counts them. */
async function show(text: string): Promise<void> {
  const said = JSON.parse(text) as Said;
  const { registration } = worker;
  const group = `group ${said.group}`;
  const others = (await registration.getNotifications()).filter(
    ({ tag, data }) => tag !== said.tag && (data as { group?: string } | null)?.group === said.group,
  );
  const counted = others.map(({ data }) => (data as { titles: string[] }).titles);
  const titles = [said.title, ...counted.flat()];
  const look = { icon: ICON, badge: BADGE, lang: said.language, renotify: true };
  if (titles.length <= MOST_SHOWN) {
    const data = { url: said.url, group: said.group, titles: [said.title] };
    await registration.showNotification(said.title, { ...look, body: said.body, tag: said.tag, data });
    return;
  }
  for (const other of others) other.close();
  const title = said.several.replace("{count}", String(titles.length));
  const data = { url: `${PAGE}/${said.group}/reservations`, group: said.group, titles };
  const body = titles.slice(0, LINES).join("\n");
  await registration.showNotification(title, { ...look, body, tag: group, data });
}

/** A window that is open goes there by itself, and not before what was typed in it is safe; else a new one opens. */
async function open(url: string): Promise<void> {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const [ours] = windows.filter((one) => new URL(one.url).pathname.startsWith(PAGE));
  if (ours === undefined) await worker.clients.openWindow(url);
  else {
    ours.postMessage({ open: url });
    await ours.focus();
  }
}
