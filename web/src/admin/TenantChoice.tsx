import { Link, Navigate } from "@tanstack/react-router";

import type { MemberRole } from "@/admin/access";
import styles from "@/admin/SignIn.module.css";
import { session } from "@/admin/session";
import { lastTenant } from "@/admin/tenant";
import { useMe } from "@/admin/useMe";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Icon } from "@/ui/Icon";

/** Where to work: the tenant of last time, the only one, or one of several. */
export function TenantChoice() {
  const { text } = useWords();
  const { memberships } = useMe();
  const last = lastTenant();
  const [first] = memberships;
  const known = memberships.find(({ tenant }) => tenant === last) ?? (memberships.length === 1 ? first : undefined);
  if (known !== undefined) return <Navigate to="/$tenant/calendar" params={{ tenant: known.tenant }} replace />;
  return (
    <main className={styles.page}>
      {first === undefined ? (
        <Empty title={text("tenants.none")} hint={text("tenants.none.hint")} page>
          <Button onClick={() => void session.signOut()}>{text("shell.signout")}</Button>
        </Empty>
      ) : (
        <div className={styles.card}>
          <h1>{text("tenants.choose")}</h1>
          <ul className={styles.list}>
            {memberships.map(({ tenant, tenant_name, role }) => (
              <li key={tenant}>
                <Link to="/$tenant/calendar" params={{ tenant }}>
                  <span className="clip">
                    {tenant_name} <span className="muted small">{text(`role.${role as MemberRole}`)}</span>
                  </span>
                  <Icon name="right" small />
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
    </main>
  );
}
