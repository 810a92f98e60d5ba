import type { Schemas } from "@/api/client";
import styles from "@/public/resource/Resource.module.css";
import { useSite } from "@/public/site";
import { useSpeech } from "@/texts/intl";

/** What it is, at length, and what one should know of the business. */
export function About({ resource }: { resource: Schemas["ResourceDetails"] }) {
  const { text } = useSpeech();
  const { good_to_know } = useSite();
  return (
    <>
      {resource.description !== "" && (
        <section className={styles.section} aria-labelledby="about-title">
          <h2 id="about-title">{text("offer.about")}</h2>
          <div className={styles.prose}>
            {resource.description.split(/\n{2,}/).map((paragraph, index) => (
              <p key={index}>{paragraph}</p>
            ))}
          </div>
        </section>
      )}
      {good_to_know.length > 0 && (
        <section className={styles.section} aria-labelledby="know-title">
          <h2 id="know-title">{text("know.title")}</h2>
          <dl className={styles.know}>
            {good_to_know.map(({ title, text }) => (
              <div key={title}>
                <dt>{title}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </>
  );
}
