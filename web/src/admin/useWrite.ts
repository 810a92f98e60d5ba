import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { ask } from "@/admin/client";
import { useDesk } from "@/admin/tenant";
import type { Refused } from "@/api/problems";

/** Write once for this form, however often it is sent; afterwards everything of the tenant is read anew. */
export function useWrite<Wanted, Data>(write: (wanted: Wanted, key: string) => Parameters<typeof ask<Data>>[0], onDone: (data: Data) => void | Promise<void>) {
  const { tenant } = useDesk();
  const client = useQueryClient();
  const [form] = useState(() => crypto.randomUUID());
  // The second click of a double one comes before the button is drawn as busy.
  const isRunning = useRef(false);
  const mutation = useMutation<Data, Refused, Wanted>({
    mutationFn: async (wanted) => {
      // Another wish is another request: the API refuses a key that comes back with other words.
      const words = new TextEncoder().encode(`${form} ${JSON.stringify(wanted)}`);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", words)).slice(0, 16);
      return ask(write(wanted, [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("")));
    },
    onSuccess: onDone,
    onSettled: () => {
      isRunning.current = false;
      return client.invalidateQueries({ queryKey: [tenant] });
    },
  });
  const mutate = (wanted: Wanted) => {
    if (isRunning.current) return;
    isRunning.current = true;
    mutation.mutate(wanted);
  };
  return { ...mutation, mutate };
}
