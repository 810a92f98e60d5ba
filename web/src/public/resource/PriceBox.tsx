import { type ReactNode, Suspense, useId, useState } from "react";

import type { Schemas } from "@/api/client";
import type { Loaded } from "@/api/useLoaded";
import { behind } from "@/public/behind";
import { Facts } from "@/public/Facts";
import { factsOf } from "@/public/facts";
import { reasonOf } from "@/public/Failed";
import { isJoined } from "@/public/joined";
import { Link } from "@/public/Link";
import { PriceLines, useRefundWords } from "@/public/Price";
import styles from "@/public/resource/PriceBox.module.css";
import { useSite } from "@/public/site";
import type { Quote } from "@/public/useQuote";
import { refusalWords } from "@/public/violations";
import type { Use } from "@/public/uses";
import { nightsBetween } from "@/public/wanted";
import { type Speech, useSpeech } from "@/texts/intl";
import { Button, buttonClass } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Bone } from "@/ui/Skeleton";

const Waitlist = behind(() => import("@/public/Waitlist"));

interface Props {
  resource: Schemas["ResourceDetails"];
  quote: Loaded<Quote | null>;
  use: Use | null;
  reservePath: string;
  /** What can be had instead of what is full, below the waitlist. */
  instead?: ReactNode;
}

/** What it costs and the one way on: a card beside the page, on a phone a bar that opens. */
export function PriceBox({ resource, quote, use, reservePath, instead }: Props) {
  const site = useSite();
  const speech = useSpeech();
  const { text } = speech;
  const [open, setOpen] = useState(false);

  if (quote.state === "failed") {
    return (
      <Box>
        <p className={styles.small} role="alert">
          {reasonOf(quote.refused, speech)}
        </p>
        <Button onClick={quote.retry}>{text("load.retry")}</Button>
      </Box>
    );
  }
  const found = quote.data ?? null;
  if (found === null || use === null) return <Nothing resource={resource} loading={quote.state === "loading"} />;

  const stale = quote.state === "full" && quote.isStale;
  const queues = isQueue(resource) && found.violations.length === 0;
  if (!found.bookable && found.waitlist !== null) {
    const when = whenWords(found, resource.mode, speech);
    const waits = isJoined(site.slug, use);
    return (
      <Box stale={stale} open={open}>
        <div className={styles.collapsed}>
          <div>
            <p>
              <b>{waits ? text("wait.joined") : text("wait.title", { when })}</b>
            </p>
          </div>
          <Button kind={waits ? "line" : "primary"} aria-expanded={open} onClick={() => setOpen(true)}>
            {!waits && <Icon name="bell" />}
            {text(waits ? "price.details" : "when.waitlist")}
          </Button>
        </div>
        <div className={styles.sheet}>
          <Button kind="round" className={styles.shut} aria-label={text("wait.close")} onClick={() => setOpen(false)}>
            <Icon name="close" />
          </Button>
          <Suspense fallback={<Bone height="320px" />}>
            <Waitlist key={JSON.stringify(use)} use={use} when={when} instead={instead} />
          </Suspense>
        </div>
      </Box>
    );
  }
  if (!found.bookable && !queues) {
    return (
      <Box stale={stale}>
        <p className={styles.refused}>
          <Icon name="alert" small />
          {text("price.refused")}
        </p>
        <div className={`${styles.small} ${styles.beside}`}>
          {refusalWords(found, speech).map((words) => (
            <p key={words}>{words}</p>
          ))}
        </div>
        <div className={styles.beside}>
          <Facts facts={factsOf(found, speech)} className={styles.sum} />
        </div>
        <a className={buttonClass("line")} href="#when">
          {text(found.check_in_on === null ? "price.change.time" : "price.change")}
        </a>
      </Box>
    );
  }
  return <Offer found={found} resource={resource} stale={stale} open={open} onOpen={setOpen} reservePath={reservePath} />;
}

/** Whether what is taken can be asked for: it waits as a reservation, and gets it when it comes free. */
function isQueue({ policy }: Schemas["ResourceDetails"]): boolean {
  return policy.confirmation.kind === "pending" || policy.confirmation.kind === "approval";
}

function Nothing({ resource, loading }: { resource: Schemas["ResourceDetails"]; loading: boolean }) {
  const { text, shortMoney } = useSpeech();
  const price = resource.from_price;
  return (
    <Box>
      <p className={styles.from}>
        {price.total === 0 ? (
          <b>{text("offers.free")}</b>
        ) : (
          <>
            {text("offers.from")} <b>{shortMoney(price)}</b> {text(`offers.per.${price.per}`)}
          </>
        )}
      </p>
      <p className={styles.small} aria-live="polite">
        {text(loading ? "price.waiting" : resource.mode === "stay" ? "price.choose" : "price.choose.time")}
      </p>
      <a className={`${buttonClass("line")} ${styles.onPhone}`} href="#when">
        {text("when.title")}
      </a>
    </Box>
  );
}

function Offer({
  found,
  resource,
  stale,
  open,
  onOpen,
  reservePath,
}: {
  found: Quote;
  resource: Schemas["ResourceDetails"];
  stale: boolean;
  open: boolean;
  onOpen: (open: boolean) => void;
  reservePath: string;
}) {
  const speech = useSpeech();
  const { text, money } = speech;
  const refundWords = useRefundWords();
  const details = useId();
  const words = found.price.total === 0 ? "" : refundWords(found.refund_steps);
  const people = found.party_size;
  return (
    <Box stale={stale} open={open}>
      <div className={styles.head}>
        <p className={styles.total} aria-live="polite">
          {found.price.total === 0 ? text("offers.free") : money(found.price)}
        </p>
        <button type="button" className={styles.toggle} aria-expanded={open} aria-controls={details} onClick={() => onOpen(!open)}>
          {text("price.details")}
          <Icon name="chevron" small />
        </button>
        {found.price.total > 0 && (
          <p className={`${styles.small} ${styles.beside}`}>
            {found.check_in_on === null
              ? text("price.for.people", { people })
              : text("price.for", { nights: nightsBetween(found.check_in_on, found.check_out_on ?? found.check_in_on), people })}
          </p>
        )}
      </div>
      <div id={details} className={styles.details}>
        <Facts facts={factsOf(found, speech)} className={styles.sum} />
        {found.price.total > 0 && <PriceLines price={found.price} />}
      </div>
      <Link to={reservePath} className={buttonClass("primary")}>
        {!found.bookable
          ? text("price.ask")
          : resource.policy.capacity_counts === "people"
            ? text("price.seats", { count: people })
            : text("price.reserve")}
      </Link>
      {!found.bookable && <p className={`${styles.words} ${styles.small}`}>{text("price.ask.hint")}</p>}
      {found.bookable && words !== "" && <p className={`${styles.words} ${styles.small}`}>{words}</p>}
    </Box>
  );
}

/** What is full, in a few words: Sat 5 Dec, 9:30 am. */
function whenWords(found: Quote, mode: string, speech: Speech): string {
  if (found.check_in_on !== null && found.check_out_on !== null) {
    return `${speech.day(found.check_in_on)} – ${speech.day(found.check_out_on)}`;
  }
  return mode === "slot" ? speech.moment(found.starts_at) : speech.occasion(found.starts_at, found.ends_at);
}

function Box({ stale = false, open = false, children }: { stale?: boolean; open?: boolean; children: ReactNode }) {
  const { text } = useSpeech();
  return (
    <aside className={open ? `${styles.box} ${styles.open}` : styles.box} aria-label={text("price.title")} data-stale={stale || undefined}>
      {children}
    </aside>
  );
}
