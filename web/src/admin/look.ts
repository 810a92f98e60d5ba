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

export function applyLook(look: Look | null): void {
  if (look === null) delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = look;
}

export function toggleLook(): void {
  const isDark = rememberedLook() === "dark" || (rememberedLook() === null && matchMedia("(prefers-color-scheme: dark)").matches);
  const look = isDark ? "light" : "dark";
  try {
    localStorage.setItem(REMEMBERED, look);
  } catch {
    // Then it holds for this page alone.
  }
  applyLook(look);
}
