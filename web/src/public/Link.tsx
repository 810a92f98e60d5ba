import type { ReactNode } from "react";
import { Link as WouterLink } from "wouter";

/** A link to another page of this site; it opens at its top. */
export function Link({ to, className, children }: { to: string; className?: string | undefined; children: ReactNode }) {
  return (
    <WouterLink to={to} className={className} onClick={() => window.scrollTo(0, 0)}>
      {children}
    </WouterLink>
  );
}
