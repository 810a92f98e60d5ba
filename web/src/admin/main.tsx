import "@/ui/base.css";
import "@/admin/tokens.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "@/admin/App";
import { applyLook, rememberedLook } from "@/admin/look";

const page = document.getElementById("page");
if (page === null) throw new Error("admin.html has no element #page.");
applyLook(rememberedLook());
createRoot(page).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
