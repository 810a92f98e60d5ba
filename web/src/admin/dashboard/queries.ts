import { queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/admin/client";
import type { DashboardSearch, Period } from "@/admin/dashboard/search";

export function statisticsQuery(tenant: string, { from, until }: Period, by: NonNullable<DashboardSearch["by"]>, resource: string | undefined) {
  const query = { from, until, by, ...(resource === undefined ? {} : { resource_id: resource }) };
  return queryOptions({
    queryKey: [tenant, "statistics", query],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/statistics", { params: { path: { tenant }, query }, signal })),
    staleTime: 60_000,
  });
}
