/** Where the pages of a public site are: below /t/{tenant}. */

const SITE = /^\/t\/([a-z0-9][a-z0-9-]*)/;

/** The tenant of an address, "" where it names none. */
export function tenantOf(pathname: string): string {
  return SITE.exec(pathname)?.[1] ?? "";
}

/** Below the base of the site, which wouter adds. */
export function resourcePath(slug: string): string {
  return `/resources/${encodeURIComponent(slug)}`;
}
