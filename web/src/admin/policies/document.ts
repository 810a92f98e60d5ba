import type { Document } from "@/admin/policies/queries";

/** A document as people read and change it. */
export function written(document: Document): string {
  return JSON.stringify(document, null, 2);
}

/** The document that was typed; null where it is no JSON object. */
export function parsed(draft: string): Document | null {
  try {
    const found: unknown = JSON.parse(draft);
    return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Document) : null;
  } catch {
    return null;
  }
}

export const MODES = ["stay", "slot", "interval"] as const;

/** The booking mode of a document; null where the pages know none of its name. */
export function modeOf(document: Document): (typeof MODES)[number] | null {
  const mode: unknown = (document.mode as { mode?: unknown } | undefined)?.mode;
  return MODES.find((one) => one === mode) ?? null;
}

/** The top members that are not the same in two documents. */
export function changedMembers(before: Document, after: Document): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}
