import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";

import type { MemberRole } from "@/admin/access";
import { AdminIcon } from "@/admin/AdminIcon";
import { Avatar } from "@/admin/Avatar";
import { LanguageChoice } from "@/admin/LanguageChoice";
import { toggleLook } from "@/admin/look";
import styles from "@/admin/Menu.module.css";
import { session } from "@/admin/session";
import { useDesk } from "@/admin/tenant";
import { useWords } from "@/texts/admin";

/** Who one is here, and what belongs to the person: language, keys, light or dark, signing out. */
export function UserMenu({ onKeys }: { onKeys: () => void }) {
  const { text } = useWords();
  const { me, membership } = useDesk();
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
            onAction={(key) => (key === "keys" ? onKeys() : void session.signOut())}
          >
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
