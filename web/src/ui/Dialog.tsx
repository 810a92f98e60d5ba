import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";

import styles from "@/ui/Dialog.module.css";

interface Props {
  title: string;
  isOpen: boolean;
  /** It has a table to show. */
  isWide?: boolean;
  /** Escape, a click beside it, and whatever its buttons do. */
  onClose: () => void;
  children: ReactNode;
  /** Buttons; the one that goes on stands last. */
  actions: ReactNode;
}

/** A question that has to be answered before one goes on; the focus stays in it and returns where it came from. */
export function Dialog({ title, isOpen, isWide = false, onClose, children, actions }: Props) {
  return (
    <ModalOverlay isOpen={isOpen} onOpenChange={(open) => !open && onClose()} isDismissable className={styles.scrim ?? ""}>
      <Modal className={`${styles.window ?? ""} ${isWide ? (styles.wide ?? "") : ""}`}>
        <AriaDialog className={styles.dialog ?? ""}>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
          <div className={styles.actions}>{actions}</div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
