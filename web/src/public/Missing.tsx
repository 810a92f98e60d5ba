import { use, useEffect } from "react";

import styles from "@/public/Frame.module.css";
import { Link } from "@/public/Link";
import { SiteContext } from "@/public/site";
import { usePageTitle } from "@/public/usePageTitle";
import { useSpeech } from "@/texts/intl";
import { Empty } from "@/ui/Empty";

/** The page of an address where nothing is; machines that find pages are told to forget it. */
export function Missing() {
  const { text } = useSpeech();
  const site = use(SiteContext);
  usePageTitle(text("site.missing"));
  useEffect(() => {
    const robots = document.createElement("meta");
    robots.name = "robots";
    robots.content = "noindex";
    document.head.append(robots);
    return () => robots.remove();
  }, []);
  return (
    <div className={`${styles.wrap} ${styles.alone}`}>
      <Empty title={text("site.missing")} hint={text("site.missing.hint")} page>
        {site !== null && <Link to="/">{text("site.missing.home")}</Link>}
      </Empty>
    </div>
  );
}
