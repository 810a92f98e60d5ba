import "@/ui/base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Showroom } from "@/showroom/Showroom";
import { en as amenities } from "@/texts/amenities/en";
import { en } from "@/texts/en";
import { Speech, SpeechContext } from "@/texts/intl";

const page = document.getElementById("page");
if (page === null) throw new Error("ui.html has no element #page.");
createRoot(page).render(
  <StrictMode>
    <SpeechContext value={new Speech("en", "en-US", "America/Denver", en, amenities)}>
      <Showroom />
    </SpeechContext>
  </StrictMode>,
);
