import { Link } from "@tanstack/react-router";

import type { MemberRole } from "@/admin/access";
import { AdminIcon } from "@/admin/AdminIcon";
import { areasOf } from "@/admin/areas";
import { reasonOf } from "@/admin/Failed";
import { LanguageChoice } from "@/admin/LanguageChoice";
import { toggleLook } from "@/admin/look";
import { session } from "@/admin/session";
import styles from "@/admin/SignIn.module.css";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

/** On a phone: the areas that have no place in the bar, and what is behind the menus of a large window. */
export function MoreDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const words = useWords();
  const { text } = words;
  const { me, membership, tenant } = useDesk();
  const others = areasOf(membership.role).filter(({ onPhone }) => onPhone !== true);
  return (
    <Dialog title={text("shell.more")} isOpen={isOpen} onClose={onClose} actions={<Button onClick={onClose}>{text("shell.close")}</Button>}>
      <p className="muted">
        {me.user.name}, {text(`role.${membership.role as MemberRole}`)}
      </p>
      <ul className={styles.list}>
        {others.map(({ key, icon }) => (
          <li key={key}>
            <Link to={`/$tenant/${key}` as "/$tenant/calendar"} params={{ tenant }} onClick={onClose}>
              {text(`area.${key}` as "area.calendar")}
              <AdminIcon name={icon} />
            </Link>
          </li>
        ))}
        <li>
          <Link to="/$tenant/notifications" params={{ tenant }} onClick={onClose}>
            {text("area.notifications")}
            <AdminIcon name="bell" />
          </Link>
        </li>
      </ul>
      <LanguageChoice />
      <Button onClick={toggleLook}>{text("shell.look")}</Button>
      <Button onClick={() => void session.signOut().catch((error: unknown) => toasts.say(reasonOf(error, words)))}>{text("shell.signout")}</Button>
    </Dialog>
  );
}
