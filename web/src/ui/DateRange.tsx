import { type CalendarDate, parseDate } from "@internationalized/date";
import type { ReactNode } from "react";
import {
  Button,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  CalendarHeading,
  I18nProvider,
  RangeCalendar,
} from "react-aria-components";

import styles from "@/ui/DateRange.module.css";
import { Icon } from "@/ui/Icon";

/** What a day looks like beside its number. */
export interface Day {
  /** Below the number, such as a price. */
  below?: string | undefined;
  /** The last few. */
  note?: string | undefined;
  look?: "free" | "noStart" | "full";
  /** Why it looks so; shown on focus and read with the day. */
  reason?: string | undefined;
}

interface Props {
  label: string;
  locale: string;
  /** Days such as 2026-12-14: first and last. */
  value: { start: string; end: string } | null;
  onChange: (value: { start: string; end: string }) => void;
  min: string;
  max?: string;
  months: 1 | 2;
  /** The first of the months that are shown. */
  focused: string;
  onFocused: (on: string) => void;
  day: (on: string) => Day;
  /** What stands below the last day instead of its price, such as "Out". */
  endLabel: string;
  previous: string;
  next: string;
  refused?: boolean;
}

/** A calendar in which two days are chosen, with keyboard and screen reader as with the finger. */
export function DateRange({ label, locale, value, onChange, min, max, months, focused, onFocused, day, endLabel, previous, next, refused = false }: Props) {
  return (
    <I18nProvider locale={locale}>
      <RangeCalendar
        aria-label={label}
        className={refused ? `${styles.calendar} ${styles.refused}` : styles.calendar}
        value={value === null ? null : { start: parseDate(value.start), end: parseDate(value.end) }}
        onChange={({ start, end }) => onChange({ start: start.toString(), end: end.toString() })}
        minValue={parseDate(min)}
        maxValue={max === undefined ? null : parseDate(max)}
        focusedValue={parseDate(focused)}
        onFocusChange={(date) => onFocused(date.toString())}
        visibleDuration={{ months }}
        pageBehavior="single"
      >
        <header className={styles.ways}>
          <Button slot="previous" aria-label={previous} className={styles.way}>
            <Icon name="left" />
          </Button>
          <Button slot="next" aria-label={next} className={styles.way}>
            <Icon name="right" />
          </Button>
        </header>
        <div className={styles.months}>
          {Array.from({ length: months }, (_, offset) => (
            <Month key={offset} offset={offset} day={day} endLabel={endLabel} />
          ))}
        </div>
      </RangeCalendar>
    </I18nProvider>
  );
}

function Month({ offset, day, endLabel }: { offset: number } & Pick<Props, "day" | "endLabel">) {
  return (
    <div>
      <CalendarHeading offset={{ months: offset }} className={styles.title} />
      <CalendarGrid offset={{ months: offset }} className={styles.grid} weekdayStyle="short">
        <CalendarGridHeader>{(name) => <CalendarHeaderCell className={styles.weekday}>{name}</CalendarHeaderCell>}</CalendarGridHeader>
        <CalendarGridBody>{(date) => <DayCell date={date} day={day(date.toString())} endLabel={endLabel} />}</CalendarGridBody>
      </CalendarGrid>
    </div>
  );
}

function DayCell({ date, day, endLabel }: { date: CalendarDate; day: Day; endLabel: string }): ReactNode {
  return (
    <CalendarCell
      date={date}
      // A cell is read by its date alone: what stands in it belongs to its name. Its visible text stays the number, by
      // which one calls it (WCAG 2.5.3); the rest is drawn by CSS.
      render={(props, { isDisabled }) => (
        <div {...props} aria-label={[props["aria-label"], ...(isDisabled ? [] : [day.below, day.note, day.reason])].filter(Boolean).join(", ")} />
      )}
      className={({ isDisabled, isOutsideMonth, isSelected, isSelectionStart, isSelectionEnd }) =>
        [
          styles.day,
          isOutsideMonth ? styles.outside : undefined,
          isDisabled ? styles.past : undefined,
          !isDisabled && day.look === "full" ? styles.full : undefined,
          !isDisabled && day.look === "noStart" ? styles.noStart : undefined,
          isSelected ? styles.in : undefined,
          isSelectionStart ? styles.start : undefined,
          isSelectionEnd ? styles.end : undefined,
        ]
          .filter(Boolean)
          .join(" ")
      }
    >
      {({ formattedDate, isDisabled, isSelectionStart, isSelectionEnd }) => (
        <>
          <span className={styles.number}>{formattedDate}</span>
          {!isDisabled && (
            <span className={styles.beside} aria-hidden="true">
              <span className={styles.below} data-text={isSelectionEnd && !isSelectionStart ? endLabel : day.below} />
              {day.note !== undefined && <span className={styles.note} data-text={day.note} />}
              {day.reason !== undefined && <span className={styles.reason} data-text={day.reason} />}
            </span>
          )}
        </>
      )}
    </CalendarCell>
  );
}
