/** How much of what can be reserved on a day is reserved, in whole percent; what is closed or used elsewhere cannot be. */
export function shareOf({ capacity, occupied, closed, taken_elsewhere }: { capacity: number; occupied: number; closed: number; taken_elsewhere: number }): number {
  const open = Math.max(capacity - closed - taken_elsewhere, occupied);
  return open === 0 ? 0 : Math.round((occupied / open) * 100);
}
