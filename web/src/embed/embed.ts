/**
 * <berth-booking tenant="pine-cabins" resource="lakeside-cabins" lang="de">: the booking pages in a frame on any page.
 *
 * The frame is sandboxed and shows itself on listed origins alone. It and this script know each other by their
 * messages: each looks at who sent one, and neither sends to anybody else. What is reserved is told to the page as an
 * event, without anything of the guest.
 */

const LANGUAGES: Partial<Record<string, { title: string; link: string }>> = {
  de: { title: "Reservieren", link: "Buchungsseite öffnen" },
  es: { title: "Reservar", link: "Abrir la página de reservas" },
  fr: { title: "Réserver", link: "Ouvrir la page de réservation" },
};
const ENGLISH = { title: "Reserve", link: "Open the booking page" };
const SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads";
const TENANT = /^[a-z0-9][a-z0-9-]{0,62}$/;
const PATIENCE_MS = 8000;
const LEAST_PX = 320;
const MOST_PX = 20_000;

const script = document.currentScript;
const site = script instanceof HTMLScriptElement ? new URL(script.src).origin : location.origin;

class Booking extends HTMLElement {
  #frame: HTMLIFrameElement | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  connectedCallback(): void {
    const tenant = this.getAttribute("tenant") ?? "";
    if (!TENANT.test(tenant)) {
      console.error(`<berth-booking>: tenant is ${JSON.stringify(tenant)}; it must be the name in the site's address.`);
      return;
    }
    const language = this.getAttribute("lang") ?? document.documentElement.lang;
    const words = LANGUAGES[language.slice(0, 2).toLowerCase()] ?? ENGLISH;
    const resource = this.getAttribute("resource");
    const path = resource === null ? "" : `/resources/${encodeURIComponent(resource)}`;
    const query = this.hasAttribute("lang") ? `?lang=${encodeURIComponent(language)}` : "";
    const frame = document.createElement("iframe");
    frame.src = `${site}/t/${tenant}/embed${path}${query}`;
    frame.title = this.getAttribute("label") ?? words.title;
    frame.setAttribute("sandbox", SANDBOX);
    frame.referrerPolicy = "no-referrer";
    frame.style.cssText = `display:block;width:100%;height:${LEAST_PX}px;border:0;color-scheme:normal`;
    const link = document.createElement("a");
    link.href = `${site}/t/${tenant}${path}${query}`;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = words.link;
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.replaceChildren(frame);
    this.#frame = frame;
    addEventListener("message", this.#hear);
    // A browser tells nobody that a frame was refused: one that stays silent is replaced by a link.
    frame.addEventListener("load", () => {
      this.#greet();
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => root.replaceChildren(link), PATIENCE_MS);
    });
  }

  disconnectedCallback(): void {
    removeEventListener("message", this.#hear);
    clearTimeout(this.#timer);
    this.#frame = null;
  }

  #greet(): void {
    this.#frame?.contentWindow?.postMessage({ type: "berth:hello" }, site);
  }

  #hear = (event: MessageEvent<unknown>): void => {
    const frame = this.#frame;
    if (frame === null || event.source !== frame.contentWindow || event.origin !== site) return;
    const said = (event.data ?? {}) as { type?: unknown; height?: unknown; state?: unknown; resource_id?: unknown };
    switch (said.type) {
      case "berth:ready":
        this.#greet();
        break;
      case "berth:height":
        clearTimeout(this.#timer);
        if (typeof said.height === "number") frame.style.height = `${Math.min(MOST_PX, Math.max(LEAST_PX, Math.ceil(said.height)))}px`;
        break;
      case "berth:top":
        if (this.getBoundingClientRect().top < 0) this.scrollIntoView();
        break;
      case "berth:reserved": {
        const detail = { state: String(said.state), resource_id: String(said.resource_id) };
        this.dispatchEvent(new CustomEvent("berth-reserved", { bubbles: true, composed: true, detail }));
      }
    }
  };
}

if (customElements.get("berth-booking") === undefined) customElements.define("berth-booking", Booking);

export {};
