import { registration } from "@/admin/worker";

/** What this browser can do, and whether its owner lets it. */
export interface Here {
  support: "yes" | "no" | "installed_only";
  permission: NotificationPermission;
  /** How the API names this browser in its list; null where it is not subscribed. */
  fingerprint: string | null;
}

export async function lookHere(): Promise<Here> {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
    // Safari on a phone has push for apps on the home screen alone.
    return { support: "standalone" in navigator ? "installed_only" : "no", permission: "default", fingerprint: null };
  }
  const worker = await registration();
  if (worker === null) return { support: "no", permission: "default", fingerprint: null };
  const found = await worker.pushManager.getSubscription();
  return {
    support: "yes",
    permission: Notification.permission,
    fingerprint: found === null ? null : await fingerprintOf(found.endpoint),
  };
}

/** What the API is told of this browser. Throws what the browser says where it may not, or has no push service. */
export async function subscribeHere(key: string): Promise<{ endpoint: string; keys: { p256dh: string; auth: string } }> {
  const worker = await registration();
  if (worker === null) throw new Error("There is no service worker.");
  const former = await worker.pushManager.getSubscription();
  // Of another key, of another deployment or from before it was changed, it would be of no use.
  if (former !== null && encoded(former.options.applicationServerKey) !== key) await former.unsubscribe();
  const { endpoint, keys } = (await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })).toJSON();
  return { endpoint: endpoint ?? "", keys: { p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" } };
}

/** A name to begin with, such as "Chrome, Windows". */
export function nameHere(agent: string): string {
  const browser = [
    ["Firefox", /firefox|fxios/i],
    ["Edge", /edg(?:e|a|ios)?\//i],
    ["Chrome", /chrom(?:e|ium)|crios/i],
    ["Safari", /safari/i],
  ] as const;
  const system = [
    ["Android", /android/i],
    ["iPhone", /iphone/i],
    ["iPad", /ipad/i],
    ["Windows", /windows/i],
    ["Mac", /mac os/i],
    ["Linux", /linux|cros/i],
  ] as const;
  const named = [browser, system].map((list) => list.find(([, pattern]) => pattern.test(agent))?.[0]).filter((one) => one !== undefined);
  return named.join(", ");
}

async function fingerprintOf(endpoint: string): Promise<string> {
  return encoded(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint)));
}

function encoded(bytes: ArrayBuffer | null): string {
  const text = String.fromCharCode(...new Uint8Array(bytes ?? new ArrayBuffer(0)));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
