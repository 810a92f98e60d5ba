import { useQuery } from "@tanstack/react-query";

import { Card } from "@/admin/Card";
import { Failed } from "@/admin/Failed";
import { Devices } from "@/admin/notifications/Devices";
import styles from "@/admin/notifications/Notifications.module.css";
import { PreferencesForm } from "@/admin/notifications/PreferencesForm";
import { devicesQuery, preferencesQuery } from "@/admin/notifications/queries";
import { resourcesQuery, useDesk } from "@/admin/tenant";
import { Toolbar } from "@/admin/Toolbar";
import { useWords } from "@/texts/admin";
import { Bone, Skeleton } from "@/ui/Skeleton";

/** One's own notifications: on which devices, of what, and when none. */
export function NotificationsPage() {
  const { text } = useWords();
  const { tenant } = useDesk();
  const devices = useQuery(devicesQuery(tenant));
  const preferences = useQuery(preferencesQuery(tenant));
  const resources = useQuery(resourcesQuery(tenant));
  const failed = [devices, preferences, resources].find(({ isError, data }) => isError && data === undefined);
  return (
    <>
      <Toolbar title={text("area.notifications")} />
      <div className={styles.page}>
        {failed !== undefined ? (
          <Failed error={failed.error} retry={() => void failed.refetch()} />
        ) : devices.data === undefined || preferences.data === undefined || resources.data === undefined ? (
          <Skeleton label={text("load.waiting")}>
            <Bone height="220px" />
          </Skeleton>
        ) : (
          <>
            <Card title={text("push.devices")}>
              <Devices devices={devices.data.items} serverKey={devices.data.application_server_key} />
            </Card>
            <Card title={text("push.what")}>
              <PreferencesForm preferences={preferences.data} resources={resources.data} />
            </Card>
          </>
        )}
      </div>
    </>
  );
}
