/** What the pages tell the page that shows them in a frame (src/embed/embed.ts): their height, and what became reserved. */

import { api } from "@/api/client";

const MADE = /\/v1\/tenants\/[^/]+\/reservations(?:\/[^/]+\/confirm)?$/;

let tells = false;

/** Tell it, once it has said hello from one of the origins that the tenant lists. */
export function tellHost(origins: readonly string[]): void {
  if (tells) return;
  tells = true;
  let host: string | null = null;
  const tell = (said: object) => {
    if (host !== null) window.parent.postMessage(said, host);
  };
  const tellHeight = () => tell({ type: "berth:height", height: document.body.getBoundingClientRect().height });
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || !origins.includes(event.origin)) return;
    if ((event.data as { type?: unknown } | null)?.type !== "berth:hello") return;
    host = event.origin;
    tellHeight();
  });
  new ResizeObserver(tellHeight).observe(document.body);
  // wouter announces so that the guest went to another page; its top may be far above.
  window.addEventListener("pushState", () => tell({ type: "berth:top" }));
  document.addEventListener("click", leaveFrame, true);
  api.use({
    async onResponse({ request, response }) {
      const isMade = request.method === "POST" && response.ok && MADE.test(new URL(request.url).pathname);
      if (!isMade || response.headers.has("Idempotent-Replayed")) return;
      const { state, resource_id } = (await response.clone().json()) as { state?: string; resource_id?: string };
      if (state !== undefined && resource_id !== undefined) tell({ type: "berth:reserved", state, resource_id });
    },
  });
  // Nothing is in it, so everybody may hear it; who is not listed learns no more.
  window.parent.postMessage({ type: "berth:ready" }, "*");
}

/** Other sites refuse to be shown in a frame: they open beside it. */
function leaveFrame(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link !== null && link.origin !== window.location.origin) link.target = "_blank";
}
