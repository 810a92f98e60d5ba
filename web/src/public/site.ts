import { createContext, use } from "react";

import type { Schemas } from "@/api/client";

/** The site information of the tenant whose pages these are. */
export type Site = Schemas["SiteBody"];

export const SiteContext = createContext<Site | null>(null);

export function useSite(): Site {
  const site = use(SiteContext);
  if (site === null) throw new Error("There is no SiteContext above this component.");
  return site;
}
