import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Card } from "@/admin/Card";
import { api } from "@/admin/client";
import { Failed, reasonOf } from "@/admin/Failed";
import { Filter } from "@/admin/Filter";
import styles from "@/admin/Page.module.css";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { useWrite } from "@/admin/useWrite";
import { deliveriesQuery, type Delivery, deliveryQuery } from "@/admin/webhooks/queries";
import { type AdminSpeech, useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { Bone, Skeleton } from "@/ui/Skeleton";

const STATES = ["pending", "delivered", "undelivered", "skipped"] as const;

/** What was sent to a webhook and what became of it; anything can be sent again. */
export function Deliveries({ webhook, awaited }: { webhook: string; awaited: string | null }) {
  const { text } = useWords();
  const { tenant } = useDesk();
  const [state, setState] = useState<Delivery["state"] | undefined>(undefined);
  const found = useInfiniteQuery(deliveriesQuery(tenant, webhook, state, awaited));
  const rows = found.data?.pages.flatMap(({ items }) => items);
  return (
    <Card
      title={text("webhooks.log")}
      aside={
        <Filter label={text("list.state")}>
          <select value={state ?? ""} onChange={({ target }) => setState(STATES.find((one) => one === target.value))}>
            <option value="">{text("list.all")}</option>
            {STATES.map((one) => (
              <option key={one} value={one}>
                {text(`webhooks.state.${one}`)}
              </option>
            ))}
          </select>
        </Filter>
      }
    >
      {rows === undefined ? (
        <div className={styles.inside}>
          {found.isError ? (
            <Failed error={found.error} retry={() => void found.refetch()} />
          ) : (
            <Skeleton label={text("load.waiting")}>
              <Bone height="120px" />
            </Skeleton>
          )}
        </div>
      ) : rows.length === 0 ? (
        <p className={`${styles.inside} muted`}>{text("webhooks.log.none")}</p>
      ) : (
        <ul className={styles.rows}>
          {rows.map((one) => (
            <Row key={one.id} webhook={webhook} delivery={one} />
          ))}
        </ul>
      )}
      {found.hasNextPage && (
        <div className={styles.inside}>
          <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {text("list.more")}
          </Button>
        </div>
      )}
    </Card>
  );
}

function Row({ webhook, delivery }: { webhook: string; delivery: Delivery }) {
  const speech = useWords();
  const { text, instant } = speech;
  const { tenant } = useDesk();
  const [isOpen, setOpen] = useState(false);
  const again = useWrite(
    (_at: number, key) => () =>
      api.POST("/v1/tenants/{tenant}/webhooks/{webhook}/deliveries/{delivery}/replay", {
        params: { path: { tenant, webhook, delivery: delivery.id }, header: { "Idempotency-Key": key } },
      }),
    () => toasts.say(text("webhooks.replayed")),
  );
  return (
    <li>
      <span className={styles.main}>
        <code>{delivery.type}</code>
        <span className="muted small">
          {instant(delivery.created_at)} · {delivery.last_attempt === null ? text("webhooks.untried") : attemptOf(delivery.last_attempt, speech)}
          {delivery.next_attempt_at !== null && ` · ${text("webhooks.next", { at: instant(delivery.next_attempt_at) })}`}
        </span>
        {again.isError && <Notice kind="bad" title={reasonOf(again.error, speech)} />}
      </span>
      <b>{text(`webhooks.state.${delivery.state}`)}</b>
      <span className={styles.acts}>
        <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {text("webhooks.details")}
        </Button>
        <Button busy={again.isPending} onClick={() => again.mutate(Date.now())}>
          {text("webhooks.replay")}
        </Button>
      </span>
      {isOpen && <Details webhook={webhook} delivery={delivery} />}
    </li>
  );
}

function Details({ webhook, delivery }: { webhook: string; delivery: Delivery }) {
  const speech = useWords();
  const { text, instant } = speech;
  const { tenant } = useDesk();
  const found = useQuery(deliveryQuery(tenant, webhook, delivery.id));
  if (found.data === undefined) return found.isError ? <Failed error={found.error} retry={() => void found.refetch()} /> : <p className="muted">{text("load.waiting")}</p>;
  const { request, log } = found.data;
  return (
    <div className={styles.details}>
      <h3>{text("webhooks.attempts")}</h3>
      <ol>
        {log.map((one) => (
          <li key={`${one.number} ${one.attempted_at}`}>
            {instant(one.attempted_at)} · {attemptOf(one, speech)}
          </li>
        ))}
      </ol>
      <h3>{text("webhooks.request")}</h3>
      <pre tabIndex={0}>
        {[...Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`), "", request.body].join("\n")}
      </pre>
    </div>
  );
}

function attemptOf({ status, failure, duration_ms }: NonNullable<Delivery["last_attempt"]>, { text }: AdminSpeech): string {
  return text("webhooks.attempt", { outcome: status === null ? (failure ?? "") : String(status), ms: duration_ms });
}
