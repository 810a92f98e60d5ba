import type { Schemas } from "@/api/client";
import styles from "@/public/home/Home.module.css";
import { placeOf } from "@/public/place";
import { PlaceMap } from "@/public/PlaceMap";
import { useSite } from "@/public/site";
import { useSpeech } from "@/texts/intl";
import { Icon } from "@/ui/Icon";

/** Where the business is and how to reach it. */
export function Contact({ resources }: { resources: Schemas["ResourceBody"][] }) {
  const { name, address, position, directions, contact } = useSite();
  const { text } = useSpeech();
  const own = placeOf(position, name);
  const others = resources.map((resource) => placeOf(resource.location, resource.name)).filter((place) => place !== null);
  if (address === null && position === null && contact === null) return null;
  return (
    <section className={styles.band} id="contact" aria-labelledby="contact-title">
      <h2 id="contact-title">{text("contact.title")}</h2>
      <div className={own === null ? styles.reach : `${styles.reach} ${styles.withMap}`}>
        {address !== null && (
          <div>
            <h3>{text("contact.address")}</h3>
            <address>
              <span>{address.street}</span>
              <span>{[address.postal_code, address.locality].filter(Boolean).join(" ")}</span>
              {address.region != null && <span>{address.region}</span>}
            </address>
          </div>
        )}
        {(directions !== null || position !== null) && (
          <div>
            <h3>{text("contact.way")}</h3>
            {directions !== null && <p>{directions}</p>}
            {position !== null && (
              <a
                className={styles.line}
                href={`https://www.openstreetmap.org/directions?to=${position.latitude}%2C${position.longitude}`}
                rel="noreferrer"
              >
                <Icon name="pin" />
                {text("contact.directions")}
              </a>
            )}
          </div>
        )}
        {contact !== null && (
          <div>
            {contact.phones.map(({ label, number }) => (
              <div key={number}>
                <h3>{label}</h3>
                <a className={styles.line} href={`tel:${number.replaceAll(/[^+\d]/g, "")}`}>
                  <Icon name="phone" />
                  <span className="numbers">{number}</span>
                </a>
              </div>
            ))}
            {contact.email != null && (
              <div>
                <h3>{text("contact.email")}</h3>
                <a className={styles.line} href={`mailto:${contact.email}`}>
                  <Icon name="mail" />
                  {contact.email}
                </a>
              </div>
            )}
          </div>
        )}
        {own !== null && (
          <div className={styles.map}>
            <PlaceMap places={[own, ...others]} rings={others.length === 0} />
          </div>
        )}
      </div>
    </section>
  );
}
