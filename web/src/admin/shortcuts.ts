import { useEffect, useEffectEvent, useSyncExternalStore } from "react";

export interface Shortcut {
  /** Keys one after the other, such as "g c". */
  keys: string;
  label: string;
  run: () => void;
}

const SEQUENCE_MS = 1200;
let known: readonly Shortcut[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Shortcut[]): void {
  known = next;
  for (const listener of [...listeners]) listener();
}

/** A key does something while this component is there, and is listed behind `?`. */
export function useShortcut(keys: string, label: string, run: () => void): void {
  const current = useEffectEvent(run);
  useEffect(() => {
    const one: Shortcut = { keys, label, run: () => current() };
    change([...known, one]);
    return () => change(known.filter((other) => other !== one));
  }, [keys, label]);
}

export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => known,
  );
}

/** Listen to the keyboard. Keys typed into a field, into a dialog or with a modifier mean something else. */
export function listenToKeys(): () => void {
  let typed: string[] = [];
  let at = 0;
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || isTaken(event.target)) return;
    typed = event.timeStamp - at > SEQUENCE_MS ? [event.key] : [...typed.slice(-1), event.key];
    at = event.timeStamp;
    const found = findShortcut(known, typed);
    if (found === null) return;
    event.preventDefault();
    typed = [];
    found.run();
  };
  document.addEventListener("keydown", listen);
  return () => document.removeEventListener("keydown", listen);
}

/** What the keys that were typed mean: the longest sequence, and of equal ones the one that came last. */
export function findShortcut(shortcuts: readonly Shortcut[], typed: readonly string[]): Shortcut | null {
  for (const keys of [typed.join(" "), typed.at(-1) ?? ""]) {
    const found = shortcuts.findLast((one) => one.keys === keys);
    if (found !== undefined) return found;
  }
  return null;
}

function isTaken(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.closest("input, textarea, select, [role=dialog], [role=menu]") !== null);
}
