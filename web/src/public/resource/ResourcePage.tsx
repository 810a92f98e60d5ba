import { lazy, type ReactNode, Suspense } from "react";

import { api, call, type Schemas } from "@/api/client";
import { useLoaded } from "@/api/useLoaded";
import { Failed } from "@/public/Failed";
import frame from "@/public/Frame.module.css";
import { Link } from "@/public/Link";
import { type Place, placeOf } from "@/public/place";
import { Missing } from "@/public/Missing";
import styles from "@/public/resource/Resource.module.css";
import { PlaceMap } from "@/public/PlaceMap";
import { type Site, useSite } from "@/public/site";
import { usePageTitle } from "@/public/usePageTitle";
import { type Speech, useSpeech } from "@/texts/intl";
import { Icon } from "@/ui/Icon";
import { Bone, Skeleton } from "@/ui/Skeleton";

const WAYS = {
  stay: lazy(() => import("@/public/resource/Stay")),
  slot: lazy(() => import("@/public/resource/Slots")),
  interval: lazy(() => import("@/public/resource/Intervals")),
};

type Details = Schemas["ResourceDetails"];

/** One thing that is offered: what it is, when it is free, what it costs. */
export default function ResourcePage({ slug }: { slug: string }) {
  const site = useSite();
  const { text } = useSpeech();
  const resource = useLoaded(`resource ${site.slug} ${slug}`, (signal) =>
    call(signal, (signal) =>
      api.GET("/v1/tenants/{tenant}/resources/{resource}", { params: { path: { tenant: site.slug, resource: slug } }, signal }),
    ),
  );
  if (resource.state === "loading") {
    return (
      <div className={frame.wrap}>
        <Skeleton label={text("load.waiting")}>
          <Bone height="min(60vw, 430px)" />
        </Skeleton>
      </div>
    );
  }
  if (resource.state === "failed") {
    return resource.refused.kind === "missing" ? <Missing /> : <Failed refused={resource.refused} retry={resource.retry} />;
  }
  return <Offer resource={resource.data} />;
}

function Offer({ resource }: { resource: Details }) {
  const site = useSite();
  const speech = useSpeech();
  const { text } = speech;
  usePageTitle(resource.name);
  const times = resource.policy.mode;
  const pictures = [...resource.images, ...(site.image === null ? [] : [site.image])];
  const where = whereOf(resource, speech);
  const places = placesOf(resource, site);
  return (
    <div className={`${frame.wrap} ${styles.page}`}>
      <Link to="/" className={styles.back}>
        <Icon name="left" small />
        {text("offer.back")}
      </Link>
      <div className={styles.gallery} role="group" aria-label={text("offer.pictures")} tabIndex={pictures.length > 1 || places !== null ? 0 : undefined}>
        {pictures.map((image, index) => (
          <div key={image.url}>
            <img
              src={image.url}
              alt={image.alt}
              width={image.width ?? 1200}
              height={image.height ?? 800}
              fetchPriority={index === 0 ? "high" : "auto"}
              loading={index < 2 ? "eager" : "lazy"}
            />
          </div>
        ))}
        {places !== null && (
          <div>
            <PlaceMap places={places} />
          </div>
        )}
      </div>
      <Choose resource={resource}>
        <section className={styles.head}>
          <h1>{resource.name}</h1>
          <p className={styles.lead}>{resource.summary}</p>
          <ul className={styles.facts}>
            <li>
              <Icon name="people" />
              {text("offers.people", { count: resource.max_party_size })}
            </li>
            {typeof times["check_in_time"] === "string" && typeof times["check_out_time"] === "string" && (
              <li>
                <Icon name="clock" />
                {text("offer.facts.times", { from: clock(times["check_in_time"], speech), until: clock(times["check_out_time"], speech) })}
              </li>
            )}
            {typeof times["slot_minutes"] === "number" && (
              <li>
                <Icon name="clock" />
                {speech.duration(times["slot_minutes"])}
              </li>
            )}
            {where !== null && (
              <li>
                <Icon name="pin" />
                {where.href === null ? where.words : <a href={where.href}>{where.words}</a>}
              </li>
            )}
          </ul>
          {resource.amenities.length > 0 && (
            <ul className={styles.tags} aria-label={text("offer.amenities")}>
              {resource.amenities.map((code) => (
                <li key={code}>{speech.amenity(code)}</li>
              ))}
            </ul>
          )}
        </section>
      </Choose>
    </div>
  );
}

/** How it is chosen depends on how it is reserved; each way is a part of its own, so that a guest loads one. */
function Choose({ resource, children }: { resource: Details; children: ReactNode }) {
  const { text } = useSpeech();
  const Way = WAYS[resource.mode];
  return (
    <Suspense
      fallback={
        <div className={styles.columns}>
          <div className={styles.main}>
            {children}
            <Skeleton label={text("load.waiting")}>
              <Bone height="420px" />
            </Skeleton>
          </div>
        </div>
      }
    >
      <Way resource={resource}>{children}</Way>
    </Suspense>
  );
}

/** A time of day such as 16:00, as people write it there. */
function clock(time: string, { locale }: Speech): string {
  const minutes = time.endsWith(":00") && !/^(?:de|es|fr)/.test(locale) ? {} : { minute: "2-digit" as const };
  return new Intl.DateTimeFormat(locale, { timeZone: "UTC", hour: "numeric", ...minutes }).format(new Date(`1970-01-01T${time.slice(0, 5)}:00Z`));
}

/** Where it is in words, and the way there where the coordinates are known. */
function whereOf({ location, name }: Details, { text }: Speech): { words: string; href: string | null } | null {
  const words = location?.["description"];
  const place = placeOf(location, name);
  const href = place === null ? null : `https://www.openstreetmap.org/directions?to=${place.latitude}%2C${place.longitude}`;
  if (typeof words === "string" && words !== "") return { words, href };
  return href === null ? null : { words: text("contact.directions"), href };
}

/** It, and the business where that is somewhere else: on one chart. */
function placesOf({ location, name }: Details, site: Site): [Place, ...Place[]] | null {
  const [own, business] = [placeOf(location, name), placeOf(site.position, site.name)];
  if (own !== null) return business === null ? [own] : [own, business];
  return business === null ? null : [business];
}
