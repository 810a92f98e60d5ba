import { addDays } from "@/admin/clock";
import type { Taken } from "@/admin/timeline/Head";
import type { TimelineResource } from "@/admin/timeline/rows";
import { type TimelineSearch, type Zoom, ZOOMS } from "@/admin/timeline/search";
import styles from "@/admin/timeline/Timeline.module.css";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";

interface Props {
  zoom: Zoom;
  from: string;
  until: string;
  ended: boolean;
  resources: readonly TimelineResource[];
  resource: string | undefined;
  /** Of today. */
  taken: Taken | undefined;
  step: (way: 1 | -1) => void;
  toToday: () => void;
  go: (changes: TimelineSearch) => void;
}

/** Which days, how close, and what of them. */
export function Tools({ zoom, from, until, ended, resources, resource, taken, step, toToday, go }: Props) {
  const words = useWords();
  const { text } = words;
  const lastOn = addDays(until, -1);
  const dates = new Intl.DateTimeFormat(words.locale, { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" });
  const range = dates.formatRange(new Date(`${from}T00:00:00Z`), new Date(`${lastOn}T00:00:00Z`));
  return (
    <div className={styles.tools}>
      <h1>{text("timeline.title")}</h1>
      <span className={styles.steps}>
        <Button className={styles.step} aria-label={text("timeline.earlier")} onClick={() => step(-1)}>
          <Icon name="left" small />
        </Button>
        <Button onClick={toToday}>{text("timeline.today")}</Button>
        <Button className={styles.step} aria-label={text("timeline.later")} onClick={() => step(1)}>
          <Icon name="right" small />
        </Button>
      </span>
      <label className={styles.range}>
        <span className="hidden-visually">{text("timeline.first")}</span>
        <input type="date" value={from} min="2000-01-01" max="2199-12-31" onChange={(event) => event.target.value !== "" && go({ from: event.target.value })} />
        <span className={styles.rangeText}>{range}</span>
      </label>
      {taken !== undefined && (
        <span className={`${styles.facts} small`}>
          <span>{text("timeline.arrivals", { count: taken.arrivals })}</span>
          <span>{text("timeline.departures", { count: taken.departures })}</span>
          <span>{text("timeline.tonight", { taken: taken.occupied, capacity: taken.capacity })}</span>
        </span>
      )}
      <span className="push" />
      <select
        className={styles.select}
        aria-label={text("timeline.resource")}
        value={resource ?? ""}
        onChange={(event) => go({ resource: event.target.value === "" ? undefined : event.target.value })}
      >
        <option value="">{text("timeline.resources.all", { count: resources.length })}</option>
        {resources.map(({ slug, name }) => (
          <option key={slug} value={slug}>
            {name}
          </option>
        ))}
      </select>
      <label className={styles.check}>
        <input type="checkbox" checked={ended} onChange={(event) => go({ ended: event.target.checked ? true : undefined })} />
        {text("timeline.ended")}
      </label>
      <span className={styles.zoom} role="group" aria-label={text("timeline.zoom")}>
        {ZOOMS.map((one) => (
          <button key={one} type="button" aria-pressed={one === zoom} onClick={() => go({ zoom: one })}>
            {text(`timeline.zoom.${one}`)}
          </button>
        ))}
      </span>
    </div>
  );
}
