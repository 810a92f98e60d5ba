import { type ReactNode, useId, useState } from "react";

import type { Schemas } from "@/api/client";
import type { Loaded } from "@/api/useLoaded";
import { reasonOf } from "@/public/Failed";
import { Link } from "@/public/Link";
import { PriceLines, useRefundWords } from "@/public/Price";
import styles from "@/public/resource/PriceBox.module.css";
import type { Quote } from "@/public/useQuote";
import { refusalWords } from "@/public/violations";
import { nightsBetween } from "@/public/wanted";
import { useSpeech } from "@/texts/intl";
import { Button, buttonClass } from "@/ui/Button";
import { Icon } from "@/ui/Icon";

interface Props {
  resource: Schemas["ResourceDetails"];
  quote: Loaded<Quote | null>;
  people: number;
  reservePath: string;
}

/** What it costs and the one way on: a card beside the page, on a phone a bar that opens. */
export function PriceBox({ resource, quote, people, reservePath }: Props) {
  const speech = useSpeech();
  const { text, money, shortMoney, moment } = speech;
  const refundWords = useRefundWords();
  const [open, setOpen] = useState(false);
  const details = useId();
  const price = resource.from_price;

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
  if (found === null) {
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
          {quote.state === "loading" ? text("price.waiting") : text("price.choose")}
        </p>
        <a className={`${buttonClass("line")} ${styles.onPhone}`} href="#when">
          {text("when.title")}
        </a>
      </Box>
    );
  }

  const stale = quote.state === "full" && quote.isStale;
  const nights = nightsBetween(found.check_in_on ?? "", found.check_out_on ?? "");
  const days = (
    <dl className={styles.sum}>
      <div>
        <dt>{text("price.in")}</dt>
        <dd>{moment(found.starts_at)}</dd>
      </div>
      <div>
        <dt>{text("price.out")}</dt>
        <dd>{moment(found.ends_at)}</dd>
      </div>
      <div className={styles.all}>
        <dt>{text("price.people")}</dt>
        <dd>{people}</dd>
      </div>
    </dl>
  );
  if (!found.bookable) {
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
        <div className={styles.beside}>{days}</div>
        <a className={buttonClass("line")} href="#when">
          {text("price.change")}
        </a>
      </Box>
    );
  }
  const words = refundWords(found.refund_steps);
  return (
    <Box stale={stale} open={open}>
      <div className={styles.head}>
        <p className={styles.total} aria-live="polite">
          {money(found.price)}
        </p>
        <button type="button" className={styles.toggle} aria-expanded={open} aria-controls={details} onClick={() => setOpen(!open)}>
          {text("price.details")}
          <Icon name="chevron" small />
        </button>
        <p className={`${styles.small} ${styles.beside}`}>{text("price.for", { nights, people })}</p>
      </div>
      <div id={details} className={styles.details}>
        {days}
        <PriceLines price={found.price} />
      </div>
      <Link to={reservePath} className={buttonClass("primary")}>
        {text("price.reserve")}
      </Link>
      {words !== "" && <p className={`${styles.words} ${styles.small}`}>{words}</p>}
    </Box>
  );
}

function Box({ stale = false, open = false, children }: { stale?: boolean; open?: boolean; children: ReactNode }) {
  const { text } = useSpeech();
  return (
    <aside className={open ? `${styles.box} ${styles.open}` : styles.box} aria-label={text("price.title")} data-stale={stale || undefined}>
      {children}
    </aside>
  );
}
