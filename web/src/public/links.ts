/** Where links lead that only one guest has, below the base of the site. */

/** One's own reservation; the token stands behind the #, so that no server and no other site gets it. */
export function managePath(id: string, token: string): string {
  return `/r/${encodeURIComponent(id)}#${token}`;
}

/** One's place on the waitlist. */
export function waitPath(id: string, token: string): string {
  return `/waitlist/${encodeURIComponent(id)}#${token}`;
}
