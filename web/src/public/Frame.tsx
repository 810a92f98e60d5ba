import type { ReactNode } from "react";
import { useRouter } from "wouter";

import { isEmbedded } from "@/public/addresses";
import styles from "@/public/Frame.module.css";
import { Link } from "@/public/Link";
import { useSite } from "@/public/site";
import { useSpeech } from "@/texts/intl";
import { isLanguage, LANGUAGES, type Language } from "@/texts/languages";
import { Icon } from "@/ui/Icon";

/** What is around every page of a site: its name and ways on top, how to reach the business below. */
export function Frame({ onLanguage, children }: { onLanguage: (language: Language) => void; children: ReactNode }) {
  const site = useSite();
  const { text, language, zoneName, currencyName } = useSpeech();
  const { base } = useRouter();
  const phone = site.contact?.phones[0];
  const address = [site.address?.street, [site.address?.postal_code, site.address?.locality].filter(Boolean).join(" ")].filter(Boolean);
  const main = (
    <main id="main" tabIndex={-1} className={styles.main}>
      {children}
    </main>
  );
  // The page around it says who the business is.
  if (isEmbedded(base)) return main;
  return (
    <>
      <a className={styles.skip} href="#main">
        {text("site.skip")}
      </a>
      <header className={styles.top}>
        <div className={`${styles.wrap} ${styles.bar}`}>
          <Link to="/" className={styles.brand}>
            <span className={styles.mark} aria-hidden="true">
              {initials(site.name)}
            </span>
            {site.name}
          </Link>
          <nav className={styles.nav} aria-label={site.name}>
            <a href={`${base}#offers`}>{text("nav.offers")}</a>
            {site.good_to_know.length > 0 && <a href={`${base}#know`}>{text("nav.know")}</a>}
            <a href={`${base}#contact`}>{text("nav.contact")}</a>
          </nav>
          <label className={styles.language}>
            <Icon name="globe" />
            <span className="hidden-visually">{text("site.languages")}</span>
            <select value={language} onChange={(event) => isLanguage(event.target.value) && onLanguage(event.target.value)}>
              {Object.entries(LANGUAGES).map(([code, name]) => (
                <option key={code} value={code} lang={code}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        </div>
      </header>
      {main}
      <footer className={styles.foot}>
        <div className={`${styles.wrap} ${styles.footer}`}>
          <span>{[site.name, address.join(", ")].filter(Boolean).join(" · ")}</span>
          {phone !== undefined && <a href={`tel:${phone.number.replaceAll(/[^+\d]/g, "")}`}>{phone.number}</a>}
          {site.contact?.email != null && <a href={`mailto:${site.contact.email}`}>{site.contact.email}</a>}
          <span className={styles.end}>{text("site.times", { zone: zoneName(), currency: currencyName(site.currency) })}</span>
        </div>
      </footer>
    </>
  );
}

/** At most two letters that stand for a name: Pine Cabins, PC. */
function initials(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /^\p{L}/u.test(word));
  return (words.length > 0 ? words : [name])
    .slice(0, 2)
    .map((word) => Array.from(word)[0] ?? "")
    .join("")
    .toUpperCase();
}
