import { useEffect } from "react";

import { whenLoaded } from "@/api/useLoaded";

const LONGEST_MS = 1000;

/** Takes away what the page came with (ui/base.css hides the rest so long), once what stands beside it is here. */
export function EndOfFirstContent() {
  useEffect(() => {
    const remove = () => document.getElementById("first")?.remove();
    setTimeout(remove, LONGEST_MS);
    void whenLoaded().then(() => requestAnimationFrame(remove));
  }, []);
  return null;
}
