import { type KeyboardEvent, useRef } from "react";

import { AdminIcon } from "@/admin/AdminIcon";
import styles from "@/admin/calendar/Calendar.module.css";
import type { CalendarDay } from "@/admin/calendar/queries";
import { shareOf } from "@/admin/calendar/share";
import { addDays } from "@/admin/clock";
import { useWords } from "@/texts/admin";

interface Props {
  days: CalendarDay[];
  today: string;
  chosen: string;
  onChoose: (on: string) => void;
  /** Asks for the weeks before (-1) or after (1). */
  onPage: (sign: 1 | -1) => void;
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** Six weeks, each day as warm as it is full: number, arrivals and departures. Arrows go from day to day. */
export function HeatMonth({ days, today, chosen, onChoose, onPage }: Props) {
  const { text, day: say } = useWords();
  const grid = useRef<HTMLDivElement>(null);
  const focusable = days.some(({ on }) => on === chosen) ? chosen : days[0]?.on;
  const press = (event: KeyboardEvent, on: string) => {
    if (event.key === "PageUp" || event.key === "PageDown") {
      event.preventDefault();
      onPage(event.key === "PageUp" ? -1 : 1);
      return;
    }
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const to = addDays(on, step);
    const cell = grid.current?.querySelector<HTMLButtonElement>(`[data-day="${to}"]`);
    if (cell == null) {
      onPage(step < 0 ? -1 : 1);
      onChoose(to);
    } else cell.focus();
  };
  return (
    <>
      <div className={styles.weekdays} aria-hidden="true">
        {days.slice(0, 7).map(({ on }) => (
          <span key={on}>{say(on, { weekday: "short" })}</span>
        ))}
      </div>
      <div className={styles.grid} ref={grid}>
        {days.map((one, index) => {
          const share = shareOf(one);
          const names = [styles.day, one.on < today ? styles.past : "", one.on === today ? styles.today : "", one.on === chosen ? styles.chosen : ""];
          return (
            <button
              key={one.on}
              type="button"
              data-day={one.on}
              className={names.filter(Boolean).join(" ")}
              style={{ "--o": share / 100 } as React.CSSProperties}
              tabIndex={one.on === focusable ? 0 : -1}
              aria-pressed={one.on === chosen}
              aria-current={one.on === today ? "date" : undefined}
              onClick={() => onChoose(one.on)}
              onKeyDown={(event) => press(event, one.on)}
            >
              <span className="hidden-visually">
                {text("calendar.day", {
                  day: say(one.on, { weekday: "long", day: "numeric", month: "long" }),
                  share,
                  occupied: one.occupied,
                  capacity: one.capacity,
                  arrivals: one.arrivals,
                  departures: one.departures,
                  closed: one.closed,
                })}
              </span>
              <span className={styles.number} aria-hidden="true">
                {index === 0 || one.on.endsWith("-01") ? say(one.on, { month: "short", day: "numeric" }) : Number(one.on.slice(8))}
              </span>
              {one.closed > 0 && (
                <span className={styles.closed} aria-hidden="true">
                  {one.closed}
                  <i className="hatch" />
                </span>
              )}
              <b className={styles.share} aria-hidden="true">
                {share}
                <small>%</small>
              </b>
              <span className={styles.moves} aria-hidden="true">
                <span>
                  <AdminIcon name="arrive" size={12} />
                  {one.arrivals}
                </span>
                <span>
                  <AdminIcon name="depart" size={12} />
                  {one.departures}
                </span>
              </span>
            </button>
          );
        })}
      </div>
    </>
  );
}
