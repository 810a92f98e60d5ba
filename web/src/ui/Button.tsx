import type { ButtonHTMLAttributes, MouseEvent } from "react";

import styles from "@/ui/Button.module.css";

export type ButtonKind = "primary" | "line" | "danger" | "text" | "round";

export function buttonClass(kind: ButtonKind, full = false): string {
  return [styles.button, styles[kind], full ? styles.full : undefined].filter(Boolean).join(" ");
}

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: ButtonKind;
  full?: boolean;
  /** Its work is under way: it keeps the focus and does nothing more. */
  busy?: boolean;
}

/** A button of the page's own kind; without `type`, it never sends a form by accident. */
export function Button({ kind = "line", full = false, busy = false, type = "button", className, onClick, children, ...rest }: Props) {
  const press = (event: MouseEvent<HTMLButtonElement>) => {
    if (busy) event.preventDefault();
    else onClick?.(event);
  };
  const classes = [buttonClass(kind, full), busy ? styles.busy : undefined, className].filter(Boolean).join(" ");
  return (
    <button type={type} className={classes} aria-busy={busy || undefined} onClick={press} {...rest}>
      {busy && <span className={styles.spinner} aria-hidden="true" />}
      {children}
    </button>
  );
}
