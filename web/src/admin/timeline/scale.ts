/** One column: a day, or an hour of it. Days have 23 or 25 hours where clocks change, and their columns are as wide. */
export interface Column {
  startsAt: number;
  endsAt: number;
  /** The day that it is, or belongs to. */
  on: string;
}

export interface DaySpan {
  on: string;
  starts_at: string;
  ends_at: string;
}

const HOUR_MS = 3_600_000;

/** The way between instants and columns: 2.5 is the middle of the third column. */
export class Scale {
  constructor(readonly columns: readonly Column[]) {}

  static ofDays(days: readonly DaySpan[]): Scale {
    return new Scale(days.map(({ on, starts_at, ends_at }) => ({ on, startsAt: Date.parse(starts_at), endsAt: Date.parse(ends_at) })));
  }

  static ofHours(days: readonly DaySpan[]): Scale {
    const columns = Scale.ofDays(days).columns.flatMap(({ on, startsAt, endsAt }) => {
      const hours = Math.ceil((endsAt - startsAt) / HOUR_MS);
      return Array.from({ length: hours }, (_, hour) => ({
        on,
        startsAt: startsAt + hour * HOUR_MS,
        endsAt: Math.min(startsAt + (hour + 1) * HOUR_MS, endsAt),
      }));
    });
    return new Scale(columns);
  }

  /** Where an instant is; before the first column and after the last one it is clamped to their edge. */
  at(instant: number): number {
    const index = this.#indexOf(instant);
    const column = this.columns[index];
    if (column === undefined) return 0;
    return index + Math.min(1, Math.max(0, (instant - column.startsAt) / (column.endsAt - column.startsAt)));
  }

  /** The instant at a place; beyond the columns it goes on as wide as the nearest one. */
  instant(place: number): number {
    const index = Math.min(Math.max(Math.floor(place), 0), this.columns.length - 1);
    const column = this.columns[index];
    if (column === undefined) return 0;
    return column.startsAt + (place - index) * (column.endsAt - column.startsAt);
  }

  /** The column in which an instant lies, the nearest one where it lies in none. */
  #indexOf(instant: number): number {
    let [low, high] = [0, this.columns.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.columns[middle]?.startsAt ?? 0) <= instant) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
