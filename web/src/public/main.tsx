import "@/ui/base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "@/public/App";

const page = document.getElementById("page");
if (page === null) throw new Error("no #page");
createRoot(page).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
