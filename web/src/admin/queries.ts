import { MutationCache, QueryClient } from "@tanstack/react-query";

import { forgetTyping } from "@/admin/typed";
import { Refused } from "@/api/problems";

const MOST_TRIES = 3;
const PASSING = new Set<Refused["kind"]>(["offline", "slow", "busy", "server"]);

/** What was read from the API, kept while its pages are open. Only what may pass by itself is tried again. */
export const queryClient = new QueryClient({
  mutationCache: new MutationCache({ onSuccess: forgetTyping }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 10 * 60_000,
      networkMode: "always",
      retry: (count, error) => error instanceof Refused && PASSING.has(error.kind) && count + 1 < MOST_TRIES,
      retryDelay: (count, error) => (error instanceof Refused ? Math.min(error.retryAfter, 10) : 1) * 1000 * (count + 1),
    },
    mutations: { networkMode: "always", retry: false },
  },
});
