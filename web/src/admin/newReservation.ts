import { createContext, use } from "react";

/** Opens the dialog for a new reservation, from wherever one is. */
export const NewReservationContext = createContext<(() => void) | null>(null);

export function useNewReservation(): () => void {
  const open = use(NewReservationContext);
  if (open === null) throw new Error("There is no NewReservationContext above this component.");
  return open;
}
