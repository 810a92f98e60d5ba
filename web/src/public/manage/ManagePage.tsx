import { useEffect, useState } from "react";
import { Redirect } from "wouter";

import { Refused } from "@/api/problems";
import { useLoaded } from "@/api/useLoaded";
import { Failed } from "@/public/Failed";
import frame from "@/public/Frame.module.css";
import { waitPath } from "@/public/links";
import { loadManaged } from "@/public/manage/managed";
import { LostLink } from "@/public/manage/LostLink";
import { Overview } from "@/public/manage/Overview";
import { takeToken } from "@/public/manage/token";
import { OwnWords, useOwnSpeech } from "@/public/manage/words";
import { useSite } from "@/public/site";
import { usePageTitle } from "@/public/usePageTitle";
import { readEntry } from "@/public/waiting";
import { Bone, Skeleton } from "@/ui/Skeleton";

/** One's own reservation, by the link that one has: what was reserved, and what can be done with it. */
export default function ManagePage({ id }: { id: string }) {
  return (
    <OwnWords>
      <Page key={id} id={id} />
    </OwnWords>
  );
}

function Page({ id }: { id: string }) {
  const site = useSite();
  const { text } = useOwnSpeech();
  const [token, setToken] = useState(() => takeToken(id));
  const [round, setRound] = useState(0);
  useEffect(() => {
    // A newer link that is put into this window changes nothing but what stands behind the #.
    const renew = () => setToken(takeToken(id));
    window.addEventListener("hashchange", renew);
    return () => window.removeEventListener("hashchange", renew);
  }, [id]);
  const loaded = useLoaded(`manage ${site.slug} ${id} ${token.slice(-8)} ${round}`, async (signal) => {
    if (token === "") throw new Refused("missing", null);
    return loadManaged(signal, site.slug, id, token);
  });
  usePageTitle(text("manage.title"));
  if (loaded.state === "loading") {
    return (
      <div className={`${frame.wrap} ${frame.alone}`}>
        <Skeleton label={text("load.waiting")}>
          <Bone height="320px" />
        </Skeleton>
      </div>
    );
  }
  if (loaded.state === "failed") {
    return opensNothing(loaded.refused) ? <Elsewhere id={id} token={token} /> : <Failed refused={loaded.refused} retry={loaded.retry} />;
  }
  return <Overview managed={loaded.data} isStale={loaded.isStale} token={token} onChanged={() => setRound((number) => number + 1)} />;
}

/** Emails have one kind of link: it may lead to a place on the waitlist. */
function Elsewhere({ id, token }: { id: string; token: string }) {
  const site = useSite();
  const { text } = useOwnSpeech();
  const found = useLoaded(`entry of ${site.slug} ${id} ${token.slice(-8)}`, async (signal) => {
    if (token === "") throw new Refused("missing", null);
    return readEntry(signal, site.slug, id, token);
  });
  if (found.state === "full") return <Redirect to={waitPath(id, token)} replace />;
  if (found.state === "failed") return <LostLink />;
  return (
    <div className={`${frame.wrap} ${frame.alone}`}>
      <Skeleton label={text("load.waiting")}>
        <Bone height="320px" />
      </Skeleton>
    </div>
  );
}

/** A link that is wrong, too old, renewed meanwhile or of another reservation: the API says no more of it, and neither do we. */
function opensNothing({ kind, problem }: Refused): boolean {
  return kind === "missing" || problem?.status === 401 || problem?.status === 403;
}
