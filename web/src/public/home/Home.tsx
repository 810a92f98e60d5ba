import { useEffect } from "react";

import { Catalogue, useOffered } from "@/public/home/Catalogue";
import { Contact } from "@/public/home/Contact";
import styles from "@/public/home/Home.module.css";
import frame from "@/public/Frame.module.css";
import { useSite } from "@/public/site";
import { usePageTitle } from "@/public/usePageTitle";
import { useSpeech } from "@/texts/intl";
import { Icon } from "@/ui/Icon";

/** A business shows itself: who it is, what it offers, what one should know, how to get there. */
export function Home() {
  const site = useSite();
  const { text, regionName } = useSpeech();
  const all = useOffered();
  const [lead, ...about] = site.about;
  const place = site.address?.locality;
  const country = site.address?.country == null ? undefined : regionName(site.address.country);
  usePageTitle(place == null ? site.name : text("site.title", { tenant: site.name, place }));
  useEffect(() => {
    // The section that a link of another page named is here only now.
    const named = window.location.hash.slice(1);
    if (named !== "") document.getElementById(named)?.scrollIntoView();
  }, []);
  return (
    <div className={frame.wrap}>
      <section className={styles.hero} aria-labelledby="name">
        {site.image !== null && (
          <div className={styles.picture}>
            <img
              src={site.image.url}
              alt={site.image.alt}
              width={site.image.width ?? 1200}
              height={site.image.height ?? 800}
              fetchPriority="high"
            />
          </div>
        )}
        <div className={styles.words}>
          {place != null && (
            <p className={styles.place}>
              <Icon name="pin" small />
              {[place, site.address?.region ?? country].filter(Boolean).join(", ")}
            </p>
          )}
          <h1 id="name">{site.name}</h1>
          {site.tagline !== null && <p className={styles.tagline}>{site.tagline}</p>}
          {lead !== undefined && <p>{lead}</p>}
        </div>
      </section>
      <Catalogue all={all} />
      {(about.length > 0 || site.highlights.length > 0) && (
        <section className={styles.band} id="about" aria-labelledby="about-title">
          <h2 id="about-title">{text("about.title")}</h2>
          {about.length > 0 && (
            <div className={styles.about}>
              {about.map((paragraph) => (
                <p key={paragraph}>{paragraph}</p>
              ))}
            </div>
          )}
          <div className={styles.highlights}>
            {site.highlights.map(({ title, text }) => (
              <div key={title}>
                <h3>{title}</h3>
                <p>{text}</p>
              </div>
            ))}
          </div>
        </section>
      )}
      {site.good_to_know.length > 0 && (
        <section className={styles.band} id="know" aria-labelledby="know-title">
          <h2 id="know-title">{text("know.title")}</h2>
          <dl className={styles.know}>
            {site.good_to_know.map(({ title, text }) => (
              <div key={title}>
                <dt>{title}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      <Contact resources={all.data ?? []} />
    </div>
  );
}
