import type { Schemas } from "@/api/client";

export type Role = Schemas["MembershipBody"]["role"];
/** What somebody can be for a tenant. */
export type MemberRole = Extract<Role, "owner" | "manager" | "agent" | "viewer" | "host">;

/** Who sees an area: those whom the API answers. What one may not see is neither shown nor fetched. */
export const OFFICE: readonly Role[] = ["owner", "manager", "agent", "viewer"];
export const DESK: readonly Role[] = ["owner", "manager", "agent", "host"];
export const AGENTS: readonly Role[] = ["owner", "manager", "agent"];
export const MANAGERS: readonly Role[] = ["owner", "manager"];
export const STAFF: readonly Role[] = ["owner", "manager", "agent", "viewer", "host"];
