import { endOfMonth, parseDate, startOfMonth, startOfWeek } from "@internationalized/date";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { DayPanel } from "@/admin/calendar/DayPanel";
import { HeatMonth } from "@/admin/calendar/HeatMonth";
import { HeatYear } from "@/admin/calendar/HeatYear";
import { Needs } from "@/admin/calendar/Needs";
import { daysQuery } from "@/admin/calendar/queries";
import type { CalendarSearch } from "@/admin/calendar/search";
import styles from "@/admin/calendar/Calendar.module.css";
import { addDays, dayOf, useNow } from "@/admin/clock";
import { Failed, Stale } from "@/admin/Failed";
import { ResourceFilter } from "@/admin/Filter";
import { without } from "@/admin/search";
import { useShortcut } from "@/admin/shortcuts";
import { useDesk } from "@/admin/tenant";
import { Segmented, Toolbar } from "@/admin/Toolbar";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Bone, Skeleton } from "@/ui/Skeleton";

const WEEKS = 6;

/** The home of a desk: how full the days are, who is in which unit, and what needs a person today. */
export function CalendarPage() {
  const speech = useWords();
  const { text, day: say } = speech;
  const { tenant, site } = useDesk();
  const search = useSearch({ from: "/$tenant/calendar" });
  const navigate = useNavigate({ from: "/$tenant/calendar" });
  const today = dayOf(useNow(), site.timezone);
  const isYear = search.view === "year";
  const [from, until] = periodOf(search.from ?? today, isYear, speech.locale);
  const day = search.day ?? today;
  const change = (changed: CalendarSearch) => void navigate({ search: (old) => ({ ...old, ...changed }), replace: true });
  const days = useQuery(daysQuery(tenant, from, until, search.resource));
  const goToday = () => void navigate({ search: (old) => without(old, "from", "day") });
  const page = (sign: 1 | -1) =>
    change({ from: isYear ? parseDate(from).add({ years: sign }).toString() : addDays(from, sign * WEEKS * 7) });
  useShortcut("t", text("calendar.today"), goToday);
  return (
    <>
      <Toolbar title={text("area.calendar")}>
        <span className={styles.ways}>
          <Button aria-label={text("calendar.earlier")} onClick={() => page(-1)}>
            <Icon name="left" small />
          </Button>
          <Button onClick={goToday}>
            {text("calendar.today")} <kbd>t</kbd>
          </Button>
          <Button aria-label={text("calendar.later")} onClick={() => page(1)}>
            <Icon name="right" small />
          </Button>
        </span>
        <b className={styles.range} aria-live="polite">
          {say(from, { dateStyle: "medium" })} – {say(addDays(until, -1), { dateStyle: "medium" })}
        </b>
        <span className="push" />
        <ResourceFilter
          value={search.resource}
          onChange={(id) => void navigate({ search: (old) => (id === "" ? without(old, "resource") : { ...old, resource: id }), replace: true })}
        />
        <Segmented
          label={text("calendar.view")}
          segments={[
            { key: "weeks", label: text("calendar.weeks") },
            { key: "year", label: text("calendar.year") },
          ]}
          value={isYear ? "year" : "weeks"}
          onChange={(view) => void navigate({ search: (old) => (view === "year" ? { ...old, view } : without(old, "view")) })}
        />
      </Toolbar>
      <div className={isYear ? styles.yearPage : styles.page}>
        <section className={styles.heat} aria-label={text("calendar.occupancy")}>
          {days.isError && days.data !== undefined && <Stale error={days.error} at={days.dataUpdatedAt} retry={() => void days.refetch()} />}
          {days.data === undefined ? (
            days.isError ? (
              <Failed error={days.error} retry={() => void days.refetch()} />
            ) : (
              <Skeleton label={text("load.waiting")}>
                <Bone height={isYear ? "420px" : "840px"} />
              </Skeleton>
            )
          ) : isYear ? (
            <HeatYear days={days.data} today={today} onMonth={(first) => void navigate({ search: (old) => ({ ...without(old, "view"), from: first, day: first }) })} />
          ) : (
            <HeatMonth days={days.data} today={today} chosen={day} onChoose={(chosen) => change({ day: chosen })} onPage={page} />
          )}
        </section>
        {!isYear && <DayPanel day={day} resource={search.resource} figures={days.data?.find(({ on }) => on === day)} onDay={(chosen) => change({ day: chosen })} />}
        {!isYear && <Needs today={today} />}
      </div>
    </>
  );
}

/** Six whole weeks, or twelve whole months; the end does not belong to it. */
function periodOf(day: string, isYear: boolean, locale: string): [string, string] {
  const date = parseDate(day);
  if (isYear) return [startOfMonth(date).toString(), endOfMonth(date.add({ months: 11 })).add({ days: 1 }).toString()];
  const first = startOfWeek(date, locale).toString();
  return [first, addDays(first, WEEKS * 7)];
}
