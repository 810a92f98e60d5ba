import { api, call, type Schemas } from "@/api/client";
import { useLoaded } from "@/api/useLoaded";
import styles from "@/public/home/Home.module.css";
import { useSite } from "@/public/site";
import { dayIn, daysAfter } from "@/public/wanted";
import { type Speech, useSpeech } from "@/texts/intl";

const MOST_SAID = 4;

/** When something is free on a day, on its card: the first few times, as the API lists them. */
export default function FreeTimes({ slug, on, people }: { slug: string; on: string; people: number | null }) {
  const { slug: tenant } = useSite();
  const speech = useSpeech();
  const { text } = speech;
  const listing = useLoaded(`free ${tenant} ${slug} ${on} ${people ?? ""}`, (signal) => {
    const query = { from: on, until: daysAfter(on, 1), ...(people === null ? {} : { party_size: people }) };
    return call(signal, (signal) =>
      api.GET("/v1/tenants/{tenant}/resources/{resource}/availability", { params: { path: { tenant, resource: slug }, query }, signal }),
    );
  });
  if (listing.state !== "full") return <p className={styles.free}>{"\u00A0"}</p>;
  const times = timesOf(listing.data, on, speech);
  if (times.length === 0) return <p className={styles.reason}>{text("offers.nothing")}</p>;
  const said = times.slice(0, MOST_SAID).join(", ");
  const more = times.length - MOST_SAID;
  return <p className={styles.free}>{text("offers.free.at", { times: more > 0 ? text("offers.free.more", { times: said, count: more }) : said })}</p>;
}

function timesOf(listing: Schemas["Availability"], on: string, speech: Speech): string[] {
  if (listing.mode === "slot") return listing.slots.filter(({ remaining }) => remaining > 0).map(({ starts_at }) => speech.time(starts_at));
  return listing.mode === "interval" ? listing.ranges.map(({ starts_at, ends_at }) => rangeWords(starts_at, ends_at, on, speech)) : [];
}

/** A free range of one day: its end may be the next midnight. */
function rangeWords(start: string, end: string, on: string, speech: Speech): string {
  const lastOn = dayIn(speech.timezone, new Date(end));
  if (lastOn === on) return speech.times(start, end);
  const isWhole = dayIn(speech.timezone, new Date(Date.parse(start) - 1)) < on;
  return isWhole ? speech.text("offers.all_day") : `${speech.time(start)} – ${speech.time(end)}`;
}
