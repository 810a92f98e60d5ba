import type { Grid, Stretch } from "@/public/grid";

const MINUTE = 60_000;

/** What is free of a resource, with the time that the guest has already: it is theirs to keep or to move within. */
export function withOwn(stretches: Stretch[], own: { starts_at: string; ends_at: string }, { minMinutes }: Grid): Stretch[] {
  let [starts, ends] = [Date.parse(own.starts_at), Date.parse(own.ends_at)];
  const others: Stretch[] = [];
  for (const one of stretches) {
    if (one.free && one.starts <= ends && one.ends >= starts) {
      starts = Math.min(starts, one.starts);
      ends = Math.max(ends, one.ends);
    } else if (one.free || one.ends <= starts || one.starts >= ends) {
      others.push(one);
    }
  }
  const mine = { starts, ends, latest: ends - minMinutes * MINUTE, free: true };
  return [...others.filter((one) => one.ends <= starts || one.starts >= ends), mine].sort((one, other) => one.starts - other.starts);
}
