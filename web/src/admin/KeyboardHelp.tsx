import styles from "@/admin/KeyboardHelp.module.css";
import { useShortcuts } from "@/admin/shortcuts";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

/** All keys that do something on this page. */
export function KeyboardHelp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { text } = useWords();
  const shortcuts = useShortcuts();
  return (
    <Dialog title={text("keys.title")} isOpen={isOpen} onClose={onClose} actions={<Button onClick={onClose}>{text("shell.close")}</Button>}>
      <dl className={styles.list}>
        {shortcuts.map(({ keys, label }) => (
          <div key={`${keys} ${label}`}>
            <dt>{label}</dt>
            <dd>
              {keys.split(" ").map((key, index) => (
                <kbd key={index}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
