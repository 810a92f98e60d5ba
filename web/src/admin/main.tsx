import "@/ui/base.css";
import "@/admin/tokens.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "@/admin/App";
import { applyLook, rememberedLook } from "@/admin/look";
import { router } from "@/admin/routes";
import { startWorker } from "@/admin/worker";

const page = document.getElementById("page");
if (page === null) throw new Error("admin.html has no element #page.");
applyLook(rememberedLook());
startWorker((path) => router.history.push(path));
createRoot(page).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
