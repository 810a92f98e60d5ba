import { useSyncExternalStore } from "react";

import styles from "@/admin/AppNotes.module.css";
import { appState, openWanted, stayHere, subscribeToApp, takeNewer } from "@/admin/worker";
import { useWords } from "@/texts/admin";
import { Notice } from "@/ui/Notice";

/** What the app itself has to say: that there is a newer version, and where a notification leads that was clicked. */
export function AppNotes() {
  const { text } = useWords();
  const { newer, later, wanted } = useSyncExternalStore(subscribeToApp, appState);
  if (!newer && wanted === null) return null;
  return (
    <div className={styles.notes}>
      {wanted !== null && (
        <Notice
          title={text("app.wanted")}
          choices={[
            { key: "stay", label: text("app.wanted.stay"), onChoose: stayHere },
            { key: "open", label: text("app.wanted.open"), onChoose: openWanted },
          ]}
        >
          <p>{text("app.wanted.hint")}</p>
        </Notice>
      )}
      {newer &&
        (later ? (
          <Notice title={text("app.later")} />
        ) : (
          <Notice title={text("app.newer")} choices={[{ key: "now", label: text("app.newer.now"), onChoose: takeNewer }]} />
        ))}
    </div>
  );
}
