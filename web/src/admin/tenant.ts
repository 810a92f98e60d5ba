import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { createContext, use } from "react";

import { api, ask } from "@/admin/client";
import { everything } from "@/admin/pages";
import type { Me } from "@/admin/session";
import type { Schemas } from "@/api/client";

export type Membership = Schemas["MembershipBody"];

/** Where one works at the moment, and as what. */
export interface Desk {
  me: Me;
  membership: Membership;
  /** Slug of the tenant. */
  tenant: string;
  site: Schemas["SiteBody"];
}

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = use(DeskContext);
  if (desk === null) throw new Error("There is no DeskContext above this component.");
  return desk;
}

export function siteQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "site"],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}", { params: { path: { tenant } }, signal })),
    staleTime: 300_000,
  });
}

export type Resource = Schemas["ResourceBody"];

/** All that is offered, in the order of the catalogue. */
export function resourcesQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "resources"],
    queryFn: ({ signal }) =>
      everything<Resource>((cursor) => ask(() => api.GET("/v1/tenants/{tenant}/resources", { params: { path: { tenant }, query: { limit: 100, ...cursor } }, signal }))),
    staleTime: 60_000,
  });
}

export function useSite(tenant: string): Schemas["SiteBody"] {
  return useSuspenseQuery(siteQuery(tenant)).data;
}

const LAST = "berth-admin-tenant";

/** The tenant that was worked for last in this browser. */
export function lastTenant(): string | null {
  try {
    return localStorage.getItem(LAST);
  } catch {
    return null;
  }
}

export function rememberTenant(tenant: string): void {
  try {
    localStorage.setItem(LAST, tenant);
  } catch {
    // Nothing else depends on it.
  }
}
