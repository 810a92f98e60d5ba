const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** How long to wait before the try with that number, from 0. Half of it is chance, so that not all come back at once. */
export function waitBefore(attempt: number, random: () => number): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return most / 2 + (random() * most) / 2;
}
