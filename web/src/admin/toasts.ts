import { Toasts } from "@/ui/toasts";

export const toasts = new Toasts();
