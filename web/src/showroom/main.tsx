import "@/ui/base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Showroom } from "@/showroom/Showroom";
import { en as amenities } from "@/texts/amenities/en";
import { en, type Texts } from "@/texts/en";
import { Speech, SpeechContext } from "@/texts/intl";
import type { MoreTexts } from "@/texts/more/en";

const page = document.getElementById("page");
if (page === null) throw new Error("ui.html has no element #page.");
createRoot(page).render(
  <StrictMode>
    <SpeechContext value={new Speech<Texts & MoreTexts>("en", "en-US", "America/Denver", en, amenities)}>
      <Showroom />
    </SpeechContext>
  </StrictMode>,
);
