import { useQuery } from "@tanstack/react-query";

import { OFFICE } from "@/admin/access";
import { knownQuery } from "@/admin/reserve/queries";
import styles from "@/admin/reserve/Reserve.module.css";
import type { Who } from "@/admin/reserve/wish";
import { useDesk } from "@/admin/tenant";
import { useLate } from "@/admin/useLate";
import { useWords } from "@/texts/admin";
import { Field } from "@/ui/Field";
import { Chips } from "@/ui/Notice";

export const WHO_FIELDS = ["name", "email", "phone", "notes"] as const;

interface Props {
  who: Who;
  errors: Map<string, string[]>;
  onChange: (changes: Partial<Who>) => void;
}

const PAUSE_MS = 200;
const SHORTEST = 2;

/** For whom: those who were here before are found while one types. */
export function WhoFields({ who, errors, onChange }: Props) {
  const { text } = useWords();
  const { tenant, membership } = useDesk();
  const typed = useLate(who.name.trim().slice(0, 100), PAUSE_MS);
  const known = useQuery({ ...knownQuery(tenant, typed), enabled: typed.length >= SHORTEST && OFFICE.includes(membership.role) });
  const others = (known.data?.items ?? []).filter(({ anonymized_at, name, email }) => anonymized_at === null && (name !== who.name || email !== who.email));
  const field = (name: keyof Who) => ({
    value: who[name],
    errors: errors.get(name) ?? [],
    autoComplete: "off",
    onChange: ({ target }: { target: { value: string } }) => onChange({ [name]: target.value }),
  });
  return (
    <>
      <Field label={text("guest.name")} required maxLength={200} {...field("name")} />
      {who.email === "" && others.length > 0 && (
        <div role="group" aria-label={text("reserve.known")}>
          <p className="muted small">{text("reserve.known")}</p>
          <Chips choices={others.map(({ id, name, email, phone }) => ({ key: id, label: name, aside: email, onChoose: () => onChange({ name, email, phone: phone ?? "" }) }))} />
        </div>
      )}
      <div className={styles.two}>
        <Field label={text("guest.email")} type="email" required maxLength={254} {...field("email")} />
        <Field label={text("guest.phone")} aside={text("guest.optional")} type="tel" maxLength={40} {...field("phone")} />
      </div>
      <Field label={text("guest.notes")} aside={text("guest.optional")} lines rows={2} maxLength={2000} {...field("notes")} />
    </>
  );
}
