import { forgetTyping, isTyped, watchTyping } from "@/admin/typed";

/**
 * The app's service worker: registered once, asked now and then whether there is a newer one. A newer version waits
 * until it is asked for, and then until nothing that was typed would be lost.
 */
const SCRIPT = "/admin-sw.js";
const SCOPE = "/admin";
const LOOK_EVERY_MS = 30 * 60_000;

interface InstallPrompt extends Event {
  prompt: () => Promise<unknown>;
}

interface AppState {
  /** A newer version is there. */
  newer: boolean;
  /** It comes when the page is left, as something was typed. */
  later: boolean;
  /** The browser offers to install the app. */
  installable: boolean;
  /** What a notification that was clicked is about, where going there would lose what was typed. */
  wanted: string | null;
}

let state: AppState = { newer: false, later: false, installable: false, wanted: null };
let waiting: ServiceWorker | null = null;
let installing: InstallPrompt | null = null;
let go: (path: string) => void = (path) => location.assign(path);
let registered: Promise<boolean> = Promise.resolve(false);
const listeners = new Set<() => void>();

export function subscribeToApp(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function appState(): AppState {
  return state;
}

/** What can be pushed to, once the worker is there; null where there is none. */
export async function registration(): Promise<ServiceWorkerRegistration | null> {
  return (await registered) ? navigator.serviceWorker.ready : null;
}

/** Nobody is signed in here any more: nothing is pushed here. */
export async function unsubscribe(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const found = await navigator.serviceWorker.getRegistration(SCOPE).catch(() => undefined);
  await (await found?.pushManager.getSubscription().catch(() => null))?.unsubscribe().catch(() => undefined);
}

/** Begin, with what leads to another page of the app. */
export function startWorker(navigate: (path: string) => void): void {
  go = navigate;
  watchTyping();
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    installing = event as InstallPrompt;
    change({ installable: true });
  });
  window.addEventListener("appinstalled", () => {
    installing = null;
    change({ installable: false });
  });
  if (import.meta.env.DEV || !("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", ({ data }: MessageEvent<{ open?: unknown }>) => {
    if (typeof data.open === "string" && data.open.startsWith("/admin/")) open(data.open);
  });
  registered = register();
}

/** Load the newer version now, or when the page is left where something was typed. */
export function takeNewer(): void {
  if (isTyped()) {
    change({ later: true });
    return;
  }
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting?.postMessage("activate");
}

/** A page of the app was left: nothing that was typed on it is lost any more. */
export function leavePage(): void {
  forgetTyping();
  if (state.later) takeNewer();
}

export function openWanted(): void {
  if (state.wanted !== null) go(state.wanted);
  change({ wanted: null });
}

export function stayHere(): void {
  change({ wanted: null });
}

export async function install(): Promise<void> {
  const prompt = installing;
  installing = null;
  change({ installable: false });
  await prompt?.prompt();
}

function open(path: string): void {
  if (isTyped()) change({ wanted: path });
  else go(path);
}

/** Whether there is a worker now. */
async function register(): Promise<boolean> {
  try {
    const found = await navigator.serviceWorker.register(scriptUrl(), { scope: SCOPE });
    const look = () => {
      if (found.waiting !== null && navigator.serviceWorker.controller !== null) {
        waiting = found.waiting;
        change({ newer: true });
      }
    };
    look();
    found.addEventListener("updatefound", () => found.installing?.addEventListener("statechange", look));
    setInterval(() => void found.update().catch(() => undefined), LOOK_EVERY_MS);
    return true;
  } catch {
    return false; // in a private window, for example: the app works without
  }
}

interface TrustedTypes {
  createPolicy: (name: string, rules: { createScriptURL: (url: string) => string }) => { createScriptURL: (url: string) => string };
}

/** The one address of a script that the page's policy lets it make (Trusted Types). */
function scriptUrl(): string {
  const trusted = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (trusted === undefined) return SCRIPT;
  return trusted.createPolicy("berth-worker", { createScriptURL: () => SCRIPT }).createScriptURL(SCRIPT);
}

function change(changed: Partial<AppState>): void {
  state = { ...state, ...changed };
  for (const listener of [...listeners]) listener();
}
