import { Money } from "@/admin/Money";
import own from "@/admin/policies/Policies.module.css";
import type { Schemas } from "@/api/client";
import { useWords } from "@/texts/admin";
import { Notice } from "@/ui/Notice";
import { Table } from "@/ui/Table";

/** What a draft would have changed: which rules refuse how many, and what the others would have cost. */
export function Simulated({ found }: { found: Schemas["SimulationBody"] }) {
  const { text } = useWords();
  const rows = Object.entries(found.refused_by_rule).map(([rule, count]) => ({ rule, count }));
  return (
    <>
      <Notice title={text(found.cut ? "policies.simulated.cut" : "policies.simulated", { considered: found.considered, refused: found.refused })}>
        <p>
          {text("policies.recorded")} <Money amount={found.recorded} /> · {text("policies.drafted")} <Money amount={found.drafted} /> · {text("policies.difference")}{" "}
          <Money amount={found.difference} />
        </p>
      </Notice>
      <Table
        caption={text("policies.by_rule")}
        nothing={text("policies.none_refused")}
        rows={rows}
        rowKey={({ rule }) => rule}
        columns={[
          { key: "rule", title: text("policies.rule"), cell: ({ rule }) => <code>{rule}</code> },
          { key: "count", title: text("policies.refused"), isNumeric: true, cell: ({ count }) => count },
          { key: "bar", title: text("policies.share"), cell: ({ count }) => <span className={own.bar} style={{ width: `${(100 * count) / found.considered}%` }} aria-hidden /> },
        ]}
      />
    </>
  );
}
