import { Keys } from "@/admin/members/Keys";
import { Invitations } from "@/admin/members/Invitations";
import { People } from "@/admin/members/People";
import styles from "@/admin/Page.module.css";
import { useDesk } from "@/admin/tenant";
import { Toolbar } from "@/admin/Toolbar";
import { useWords } from "@/texts/admin";

/** Who and what may work for the business. Only owners change it. */
export function MembersPage() {
  const { text } = useWords();
  const isOwner = useDesk().membership.role === "owner";
  return (
    <>
      <Toolbar title={text("area.members")} />
      <div className={styles.page}>
        <People isOwner={isOwner} />
        {isOwner && <Invitations />}
        {isOwner && <Keys />}
      </div>
    </>
  );
}
