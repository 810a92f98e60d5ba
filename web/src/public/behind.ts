import { type ComponentType, lazy } from "react";

import { loadMoreWords } from "@/texts/languages";

/** A page behind the first one, or a part that comes later: it is loaded when it is shown, with what it says. */
export function behind<Props>(load: () => Promise<{ default: ComponentType<Props> }>) {
  return lazy(async () => {
    const [part] = await Promise.all([load(), loadMoreWords()]);
    return part;
  });
}
