/** Where the pages of a public site are: below /t/{tenant}, or all of a host that is the tenant's own. */

const SITE = /^(\/t\/([a-z0-9][a-z0-9-]*))(\/embed(?=\/|$))?/;

export interface SiteAddress {
  tenant: string;
  /** What the paths of all pages begin with. */
  base: string;
}

/** The site of a page: `said` are the `data-` attributes of its root, which the server writes; else by its path. */
export function siteAddress(pathname: string, said: { tenant?: string | undefined; base?: string | undefined }): SiteAddress {
  if (said.tenant !== undefined && said.base !== undefined) return { tenant: said.tenant, base: said.base };
  const found = SITE.exec(pathname);
  return { tenant: found?.[2] ?? "", base: found?.[0] ?? "" };
}

/** Whether the pages are shown in a frame on somebody else's page. */
export function isEmbedded(base: string): boolean {
  return base.endsWith("/embed");
}

/** Below the base of the site, which wouter adds. */
export function resourcePath(slug: string): string {
  return `/resources/${encodeURIComponent(slug)}`;
}
