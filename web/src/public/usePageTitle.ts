import { use, useEffect } from "react";

import { SiteContext } from "@/public/site";

/** Put a page's name before the site's, as the browser's tab and history show it. */
export function usePageTitle(title: string): void {
  const site = use(SiteContext);
  const whole = site === null || site.name === title ? title : `${title} · ${site.name}`;
  useEffect(() => {
    document.title = whole;
  }, [whole]);
}
