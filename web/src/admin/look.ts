import { useSyncExternalStore } from "react";

export type Look = "light" | "dark";

const REMEMBERED = "berth-look";

/** What was chosen here; null follows the system. */
export function rememberedLook(): Look | null {
  try {
    const found = localStorage.getItem(REMEMBERED);
    return found === "light" || found === "dark" ? found : null;
  } catch {
    return null;
  }
}

const SYSTEM = "(prefers-color-scheme: dark)";

function isDark(): boolean {
  const chosen = document.documentElement.dataset["theme"];
  return chosen === undefined ? matchMedia(SYSTEM).matches : chosen === "dark";
}

function listen(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia(SYSTEM).addEventListener("change", onChange);
  return () => {
    observer.disconnect();
    matchMedia(SYSTEM).removeEventListener("change", onChange);
  };
}

/** Whether the page is dark now: for what draws its colours itself. */
export function useIsDark(): boolean {
  return useSyncExternalStore(listen, isDark);
}

export function applyLook(look: Look | null): void {
  if (look === null) delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = look;
}

export function toggleLook(): void {
  const look = isDark() ? "light" : "dark";
  try {
    localStorage.setItem(REMEMBERED, look);
  } catch {
    // Then it holds for this page alone.
  }
  applyLook(look);
}
