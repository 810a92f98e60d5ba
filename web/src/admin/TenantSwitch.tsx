import { useNavigate } from "@tanstack/react-router";
import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";

import type { MemberRole } from "@/admin/access";
import { useNow } from "@/admin/clock";
import styles from "@/admin/Menu.module.css";
import { useDesk } from "@/admin/tenant";
import { useWords } from "@/texts/admin";
import { Icon } from "@/ui/Icon";

/** Whose desk this is and how late it is there; another one is chosen here. */
export function TenantSwitch() {
  const speech = useWords();
  const { me, site, tenant } = useDesk();
  const navigate = useNavigate();
  const time = speech.instant(new Date(useNow()).toISOString(), {
    weekday: "short",
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
  });
  const said = (
    <span className={styles.said}>
      <b className="clip">{site.name}</b>
      <small className="muted">{time}</small>
    </span>
  );
  if (me.memberships.length < 2) return <div className={styles.who}>{said}</div>;
  return (
    <MenuTrigger>
      <Button className={styles.who ?? ""} aria-label={speech.text("tenants.switch", { tenant: site.name })}>
        {said}
        <Icon name="chevron" small />
      </Button>
      <Popover className={styles.float ?? ""} placement="bottom start">
        <Menu
          className={styles.menu ?? ""}
          aria-label={speech.text("tenants.choose")}
          selectionMode="single"
          selectedKeys={[tenant]}
          onAction={(key) => void navigate({ to: "/$tenant/calendar", params: { tenant: String(key) } })}
        >
          {me.memberships.map((one) => (
            <MenuItem key={one.tenant} id={one.tenant} textValue={one.tenant_name} className={styles.item ?? ""}>
              <span className="clip">{one.tenant_name}</span>
              <span className="muted small">{speech.text(`role.${one.role as MemberRole}`)}</span>
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
