import { useSyncExternalStore } from "react";

import styles from "@/ui/Toast.module.css";
import type { Toasts } from "@/ui/toasts";

/** Where toasts appear; it is there from the beginning, so that what comes is read. */
export function ToastRegion({ toasts, closeLabel }: { toasts: Toasts; closeLabel: string }) {
  const current = useSyncExternalStore(toasts.subscribe, toasts.current);
  return (
    <div className={styles.region} role="status" aria-live="polite">
      {current.map(({ id, text, action }) => (
        <div key={id} className={styles.toast}>
          <span>{text}</span>
          {action !== undefined && (
            <button
              type="button"
              onClick={() => {
                action.onPress();
                toasts.close(id);
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" onClick={() => toasts.close(id)}>
            {closeLabel}
          </button>
        </div>
      ))}
    </div>
  );
}
