import { useState } from "react";
import { useRouter } from "wouter";

import { api, call, type Schemas } from "@/api/client";
import { failureOf, type Refused } from "@/api/problems";
import { useLoaded } from "@/api/useLoaded";
import { resourcePath } from "@/public/addresses";
import { Facts } from "@/public/Facts";
import { factsOf } from "@/public/facts";
import { Failed, reasonOf } from "@/public/Failed";
import frame from "@/public/Frame.module.css";
import { Hold } from "@/public/Hold";
import { Link } from "@/public/Link";
import { Missing } from "@/public/Missing";
import { PriceLines } from "@/public/Price";
import { useSite } from "@/public/site";
import { usePageTitle } from "@/public/usePageTitle";
import { bearer, type Entry, isFinal, leaveWaitlist, readEntry, useEntry } from "@/public/waiting";
import styles from "@/public/waitlist/WaitPage.module.css";
import { useSpeech } from "@/texts/intl";
import { Button, buttonClass } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Notice } from "@/ui/Notice";
import { Bone, Skeleton } from "@/ui/Skeleton";

/** One's place in the queue, by the link that one keeps: where one stands, what happens next, and the way out. */
export default function WaitPage({ id }: { id: string }) {
  const site = useSite();
  const { text } = useSpeech();
  // The token stands behind the #, so that no server and no other site gets it.
  const [token] = useState(() => window.location.hash.slice(1));
  const loaded = useLoaded(`wait ${site.slug} ${id} ${token}`, async (signal) => {
    const entry = await readEntry(signal, site.slug, id, token);
    const params = { path: { tenant: site.slug, resource: entry.resource_id } };
    return { entry, resource: await call(signal, (signal) => api.GET("/v1/tenants/{tenant}/resources/{resource}", { params, signal })) };
  });
  usePageTitle(text("wait.page"));
  if (loaded.state === "loading") {
    return (
      <div className={`${frame.wrap} ${frame.alone}`}>
        <Skeleton label={text("load.waiting")}>
          <Bone height="240px" />
        </Skeleton>
      </div>
    );
  }
  if (loaded.state === "failed") {
    // A link that is wrong, of another entry or too old opens nothing, and says no more than that.
    const unknown = loaded.refused.kind === "missing" || loaded.refused.problem?.status === 401 || loaded.refused.problem?.status === 403;
    return unknown ? <Missing /> : <Failed refused={loaded.refused} retry={loaded.retry} />;
  }
  return <Waiting known={loaded.data.entry} resource={loaded.data.resource} token={token} />;
}

function Waiting({ known, resource, token }: { known: Entry; resource: Schemas["ResourceDetails"]; token: string }) {
  const site = useSite();
  const speech = useSpeech();
  const { text } = speech;
  const [entry, setEntry] = useEntry(site.slug, known.id, token, known);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    setRefused(null);
    try {
      setEntry(await leaveWaitlist(site.slug, entry, token));
    } catch (thrown) {
      setRefused(failureOf(thrown));
    }
    setBusy(false);
  };
  const image = resource.images[0];
  return (
    <div className={`${frame.wrap} ${styles.page}`}>
      <h1>{entry.state === "waiting" ? text("wait.joined") : text("wait.page")}</h1>
      <div className={styles.panel}>
        {image !== undefined && <img src={image.url} alt="" width={image.width ?? 1200} height={image.height ?? 800} />}
        <div className={styles.words}>
          <h2>{resource.name}</h2>
          <Facts facts={factsOf(entry, speech)} className={styles.facts} />
        </div>
      </div>
      {entry.state === "waiting" && (
        <>
          <p className={styles.place}>{text("wait.place", { place: entry.place ?? 1 })}</p>
          <p>{text("wait.next", { email: entry.guest.email })}</p>
        </>
      )}
      {entry.state !== "waiting" && <Notice kind={entry.state === "accepted" ? "ok" : "plain"} title={text(`wait.state.${entry.state}`)} />}
      {(entry.state === "offered" || entry.state === "accepted") && (
        <Offered
          entry={entry}
          resource={resource}
          token={token}
          onAccepted={() => setEntry({ ...entry, state: "accepted", place: null })}
        />
      )}
      {refused !== null && (
        <Notice kind="bad" title={text("book.refused")}>
          <p>{reasonOf(refused, speech)}</p>
        </Notice>
      )}
      <div className={styles.actions}>
        {entry.state === "waiting" && (
          <Button busy={busy} onClick={() => void leave()}>
            {text("wait.leave")}
          </Button>
        )}
        {isFinal(entry.state) && entry.state !== "accepted" && (
          <Link to={resourcePath(resource.slug)} className={buttonClass("line")}>
            {text("site.missing.home")}
          </Link>
        )}
      </div>
    </div>
  );
}

/** What came free is a held reservation with the id and the token of the entry: it is confirmed here, and managed as every other. */
function Offered({ entry, resource, token, onAccepted }: { entry: Entry; resource: Schemas["ResourceDetails"]; token: string; onAccepted: () => void }) {
  const site = useSite();
  const { base } = useRouter();
  const { text } = useSpeech();
  const reservation = useLoaded(`offer ${site.slug} ${entry.id} ${entry.state}`, (signal) => {
    const params = { path: { tenant: site.slug, reservation: entry.id } };
    return call(signal, (signal) => api.GET("/v1/tenants/{tenant}/reservations/{reservation}", { params, headers: bearer(token), signal }));
  });
  if (reservation.state === "loading") return null;
  if (reservation.state === "failed") return <Failed refused={reservation.refused} retry={reservation.retry} />;
  const made = reservation.data;
  return (
    <>
      {made.state === "held" && entry.state === "offered" && (
        <Hold reservation={made} token={token} again={resourcePath(resource.slug)} onChanged={onAccepted} />
      )}
      {made.price.total > 0 && (
        <div className={styles.panel}>
          <PriceLines price={made.price} />
        </div>
      )}
      <p>
        <a className={styles.line} href={`${base}/r/${entry.id}#${token}`}>
          <Icon name="calendar" />
          {text("wait.reservation")}
        </a>
      </p>
    </>
  );
}
