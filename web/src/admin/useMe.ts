import { useSyncExternalStore } from "react";

import { type Me, session } from "@/admin/session";

const NOBODY: Me = { user: { id: "", email: "", name: "", operator: false }, memberships: [] };

/** Who is signed in. */
export function useMe(): Me {
  const state = useSyncExternalStore(session.subscribe, session.current);
  return state.kind === "in" || state.kind === "over" ? state.me : NOBODY;
}
