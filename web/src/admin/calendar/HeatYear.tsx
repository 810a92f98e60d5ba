import { getDayOfWeek, parseDate } from "@internationalized/date";

import styles from "@/admin/calendar/Calendar.module.css";
import type { CalendarDay } from "@/admin/calendar/queries";
import { shareOf } from "@/admin/calendar/share";
import { useWords } from "@/texts/admin";

/** Twelve small months; one of them opens its weeks. */
export function HeatYear({ days, today, onMonth }: { days: CalendarDay[]; today: string; onMonth: (first: string) => void }) {
  const { text, day: say, locale } = useWords();
  const months = Map.groupBy(days, ({ on }) => on.slice(0, 7));
  return (
    <div className={styles.years}>
      {[...months].map(([month, of]) => {
        const first = `${month}-01`;
        const share = Math.round(of.reduce((sum, one) => sum + shareOf(one), 0) / of.length);
        const name = say(first, { month: "long", year: "numeric" });
        return (
          <button key={month} type="button" className={styles.month} onClick={() => onMonth(first)} aria-label={text("calendar.month", { month: name, share })}>
            <span className={styles.monthName}>
              <b>{name}</b>
              <span>{share}%</span>
            </span>
            <span className={styles.small}>
              {Array.from({ length: getDayOfWeek(parseDate(first), locale) }, (_, index) => (
                <i key={index} className={styles.none} />
              ))}
              {of.map((one) => (
                <i
                  key={one.on}
                  className={one.on === today ? styles.now : undefined}
                  style={{ "--o": shareOf(one) / 100 } as React.CSSProperties}
                />
              ))}
            </span>
          </button>
        );
      })}
    </div>
  );
}
