import { useNavigate, useRouterState } from "@tanstack/react-router";
import { type SyntheticEvent, useState } from "react";

import { AdminIcon } from "@/admin/AdminIcon";
import styles from "@/admin/SearchBox.module.css";
import { useShortcut } from "@/admin/shortcuts";
import { useDesk } from "@/admin/tenant";
import { useWords } from "@/texts/admin";

/** Finds reservations by guest or code, from wherever one is. */
export function SearchBox() {
  const { text } = useWords();
  const { tenant } = useDesk();
  const navigate = useNavigate();
  const searched = useRouterState({ select: ({ location }) => (location.search as { text?: string }).text ?? "" });
  const [typed, setTyped] = useState<{ of: string; value: string }>({ of: searched, value: searched });
  const value = typed.of === searched ? typed.value : searched;
  useShortcut("/", text("keys.search"), () => {
    // A phone has it on the page, a larger window above.
    for (const one of document.querySelectorAll<HTMLElement>("[role=search] input")) if (one.checkVisibility()) one.focus();
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    const wanted = value.trim();
    void navigate({ to: "/$tenant/reservations", params: { tenant }, search: wanted === "" ? {} : { text: wanted } });
  };
  return (
    <form className={styles.search} role="search" onSubmit={send}>
      <AdminIcon name="search" size={16} />
      <input
        type="search"
        aria-label={text("keys.search")}
        placeholder={text("shell.search")}
        maxLength={100}
        value={value}
        onChange={({ target }) => setTyped({ of: searched, value: target.value })}
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
  );
}
