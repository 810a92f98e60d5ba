import { queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/admin/client";
import type { Schemas } from "@/api/client";

export type Member = Schemas["MemberBody"];
export type Invitation = Schemas["InvitationBody"];
export type ApiKey = Schemas["ApiKeyBody"];

const MOST = 100;

export function membersQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "members"],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/members", { params: { path: { tenant }, query: { limit: MOST } }, signal })),
  });
}

export function invitationsQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "invitations"],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/invitations", { params: { path: { tenant }, query: { limit: MOST } }, signal })),
  });
}

export function keysQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "api-keys"],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/api-keys", { params: { path: { tenant }, query: { limit: MOST } }, signal })),
  });
}
