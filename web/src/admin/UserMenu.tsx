import { useNavigate } from "@tanstack/react-router";
import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";

import type { MemberRole } from "@/admin/access";
import { AdminIcon } from "@/admin/AdminIcon";
import { Avatar } from "@/admin/Avatar";
import { reasonOf } from "@/admin/Failed";
import { LanguageChoice } from "@/admin/LanguageChoice";
import { toggleLook } from "@/admin/look";
import styles from "@/admin/Menu.module.css";
import { session } from "@/admin/session";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { useWords } from "@/texts/admin";

/** Who one is here, and what belongs to the person: language, keys, light or dark, signing out. */
export function UserMenu({ onKeys }: { onKeys: () => void }) {
  const words = useWords();
  const { text } = words;
  const { me, membership, tenant } = useDesk();
  const navigate = useNavigate();
  return (
    <div className={styles.tools}>
      <Button className={styles.square ?? ""} aria-label={text("shell.look")} onPress={toggleLook}>
        <AdminIcon name="moon" size={18} />
      </Button>
      <MenuTrigger>
        <Button className={styles.square ?? ""}>
          <Avatar name={me.user.name} kind="me" />
          <span className="hidden-visually">{text("shell.user", { name: me.user.name })}</span>
        </Button>
        <Popover className={styles.float ?? ""} placement="bottom end">
          <div className={styles.head}>
            <b className="clip">{me.user.name}</b>
            <span className="muted small">
              {me.user.email}, {text(`role.${membership.role as MemberRole}`)}
            </span>
            <LanguageChoice />
          </div>
          <Menu
            className={styles.menu ?? ""}
            aria-label={text("shell.user", { name: me.user.name })}
            onAction={(key) => {
              if (key === "keys") onKeys();
              else if (key === "notifications") void navigate({ to: "/$tenant/notifications", params: { tenant } });
              else session.signOut().catch((error: unknown) => toasts.say(reasonOf(error, words)));
            }}
          >
            <MenuItem id="notifications" className={styles.item ?? ""} textValue={text("area.notifications")}>
              {text("area.notifications")}
            </MenuItem>
            <MenuItem id="keys" className={styles.item ?? ""} textValue={text("keys.title")}>
              {text("keys.title")} <kbd>?</kbd>
            </MenuItem>
            <MenuItem id="signout" className={styles.item ?? ""} textValue={text("shell.signout")}>
              {text("shell.signout")}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
    </div>
  );
}
