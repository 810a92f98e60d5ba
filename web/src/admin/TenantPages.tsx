import { useQuery } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";

import { Failed } from "@/admin/Failed";
import { Frame } from "@/admin/Frame";
import { Live } from "@/admin/live";
import { Missing } from "@/admin/Missing";
import styles from "@/admin/SignIn.module.css";
import { DeskContext, rememberTenant, siteQuery } from "@/admin/tenant";
import { useMe } from "@/admin/useMe";
import { AdminSpeechContext, useWords } from "@/texts/admin";
import { Speech } from "@/texts/intl";
import { formatLocale } from "@/texts/languages";
import { Bone, Skeleton } from "@/ui/Skeleton";

/** The pages of one tenant: its times, its money, and what one's role there allows. */
export function TenantPages() {
  const { tenant } = useParams({ from: "/$tenant" });
  const me = useMe();
  const words = useWords();
  const membership = me.memberships.find((one) => one.tenant === tenant);
  const site = useQuery({ ...siteQuery(tenant), enabled: membership !== undefined });
  const { language, texts, amenities } = words;
  const speech = useMemo(
    () => (site.data === undefined ? null : new Speech(language, formatLocale(language, site.data.locale), site.data.timezone, texts, amenities)),
    [language, texts, amenities, site.data],
  );
  useEffect(() => {
    if (membership !== undefined) rememberTenant(tenant);
  }, [membership, tenant]);
  if (membership === undefined) return <Missing />;
  if (site.data === undefined || speech === null) {
    return (
      <main className={styles.page}>
        {site.isError ? (
          <Failed error={site.error} retry={() => void site.refetch()} />
        ) : (
          <Skeleton label={words.text("load.waiting")}>
            <Bone height="52px" />
          </Skeleton>
        )}
      </main>
    );
  }
  return (
    <AdminSpeechContext value={speech}>
      <DeskContext value={{ me, membership, tenant, site: site.data }}>
        <Live key={tenant} tenant={tenant}>
          <Frame>
            <Outlet />
          </Frame>
        </Live>
      </DeskContext>
    </AdminSpeechContext>
  );
}
