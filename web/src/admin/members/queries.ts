import { queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/admin/client";
import { everything } from "@/admin/pages";
import type { Schemas } from "@/api/client";

export type Member = Schemas["MemberBody"];
export type Invitation = Schemas["InvitationBody"];
export type ApiKey = Schemas["ApiKeyBody"];

const PAGE = 100;

export function membersQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "members"],
    queryFn: async ({ signal }) => ({
      items: await everything<Member>((cursor) => ask(() => api.GET("/v1/tenants/{tenant}/members", { params: { path: { tenant }, query: { limit: PAGE, ...cursor } }, signal }))),
    }),
  });
}

export function invitationsQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "invitations"],
    queryFn: async ({ signal }) => ({
      items: await everything<Invitation>((cursor) => ask(() => api.GET("/v1/tenants/{tenant}/invitations", { params: { path: { tenant }, query: { limit: PAGE, ...cursor } }, signal }))),
    }),
  });
}

export function keysQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "api-keys"],
    queryFn: async ({ signal }) => ({
      items: await everything<ApiKey>((cursor) => ask(() => api.GET("/v1/tenants/{tenant}/api-keys", { params: { path: { tenant }, query: { limit: PAGE, ...cursor } }, signal }))),
    }),
  });
}
