import { queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/admin/client";
import { everything } from "@/admin/pages";
import type { Schemas } from "@/api/client";

export type Policy = Schemas["PublishedPolicy"];
export type Document = Policy["document"];

/** A document as requests have it: the types of the API know no members of it. */
export const sent = (document: Document) => document as Schemas["ValidateDocument"]["document"];

/** All policies, by slug. */
export function policiesQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "policies"],
    queryFn: async ({ signal }) => ({
      items: await everything<Policy>((cursor) => ask(() => api.GET("/v1/tenants/{tenant}/policies", { params: { path: { tenant }, query: { limit: 100, ...cursor } }, signal }))),
    }),
  });
}

export function policyQuery(tenant: string, policy: string) {
  return queryOptions({
    queryKey: [tenant, "policies", policy],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/policies/{policy}", { params: { path: { tenant, policy } }, signal })),
  });
}

/** The versions, the latest first. */
export function versionsQuery(tenant: string, policy: string) {
  return queryOptions({
    queryKey: [tenant, "policies", policy, "versions"],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/policies/{policy}/versions", { params: { path: { tenant, policy } }, signal })),
  });
}

/** What prevents publishing a draft; its text is the key, so that each is asked about once. */
export function findingsQuery(tenant: string, draft: string, document: Document | null) {
  return queryOptions({
    queryKey: [tenant, "findings", draft],
    queryFn: ({ signal }) =>
      ask(() => api.POST("/v1/tenants/{tenant}/policies/validate", { params: { path: { tenant } }, body: { document: sent(document ?? {}) }, signal })),
    enabled: document !== null,
    staleTime: Infinity,
  });
}
