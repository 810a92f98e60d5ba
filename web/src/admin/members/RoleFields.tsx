import { useQuery } from "@tanstack/react-query";

import type { MemberRole } from "@/admin/access";
import styles from "@/admin/Page.module.css";
import { resourcesQuery, useDesk } from "@/admin/tenant";
import { useWords } from "@/texts/admin";
import { Select } from "@/ui/Select";

const ROLES: readonly MemberRole[] = ["owner", "manager", "agent", "viewer", "host"];

export interface WantedRole {
  role: MemberRole;
  /** Of a host. */
  resource_ids: string[];
}

/** A role with what it may do, and for a host the resources. */
export function RoleFields({ value, onChange }: { value: WantedRole; onChange: (value: WantedRole) => void }) {
  const { text } = useWords();
  const { tenant } = useDesk();
  const resources = useQuery(resourcesQuery(tenant));
  return (
    <>
      <Select
        label={text("members.role")}
        blank=""
        value={value.role}
        options={ROLES.map((role) => ({ value: role, label: text(`role.${role}`) }))}
        onChange={(role) => onChange({ ...value, role: role as MemberRole, resource_ids: role === "host" ? value.resource_ids : [] })}
      />
      <p className="muted small">{text(`members.may.${value.role}`)}</p>
      {value.role === "host" && (
        <fieldset className={styles.checks}>
          <legend>{text("members.resources")}</legend>
          {(resources.data ?? []).map(({ id, name }) => (
            <label key={id}>
              <input
                type="checkbox"
                checked={value.resource_ids.includes(id)}
                onChange={({ target }) =>
                  onChange({ ...value, resource_ids: target.checked ? [...value.resource_ids, id] : value.resource_ids.filter((one) => one !== id) })
                }
              />
              {name}
            </label>
          ))}
        </fieldset>
      )}
    </>
  );
}
