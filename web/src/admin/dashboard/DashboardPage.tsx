import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";

import { Card } from "@/admin/Card";
import { addDays, dayOf, useNow } from "@/admin/clock";
import styles from "@/admin/dashboard/Dashboard.module.css";
import { changeOf, csvOf, FIGURES, sayFigure } from "@/admin/dashboard/figures";
import { statisticsQuery } from "@/admin/dashboard/queries";
import { type DashboardSearch, MEASURES, periodsOf, STEPS } from "@/admin/dashboard/search";
import { Failed, Stale } from "@/admin/Failed";
import { DayFilter, ResourceFilter } from "@/admin/Filter";
import { without } from "@/admin/search";
import { useDesk } from "@/admin/tenant";
import { Segmented, Toolbar } from "@/admin/Toolbar";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Bone, Skeleton } from "@/ui/Skeleton";

const Trend = lazy(() => import("@/admin/dashboard/Trend"));

/** How the business does, against as many days before; every figure says how it is computed. */
export function DashboardPage() {
  const speech = useWords();
  const { text } = speech;
  const { tenant, site } = useDesk();
  const search = useSearch({ from: "/$tenant/dashboard" });
  const navigate = useNavigate({ from: "/$tenant/dashboard" });
  const today = dayOf(useNow(), site.timezone);
  const by = search.by ?? "day";
  const measure = search.measure ?? "revenue";
  const { shown, before } = periodsOf(search, today);
  const now = useQuery(statisticsQuery(tenant, shown, by, search.resource));
  const then = useQuery(statisticsQuery(tenant, before, by, search.resource));
  const change = (changed: DashboardSearch) => void navigate({ search: (old) => ({ ...old, ...changed }), replace: true });
  const steps = useMemo(
    () => (now.data?.steps ?? []).map(({ from_on }) => speech.day(from_on, by === "month" ? { month: "short", year: "2-digit" } : { month: "short", day: "numeric" })),
    [now.data, speech, by],
  );
  const bars = useMemo(() => (now.data?.steps ?? []).map((step) => step[measure]), [now.data, measure]);
  const line = useMemo(() => (now.data?.steps ?? []).map((_step, index) => then.data?.steps[index]?.[measure] ?? null), [now.data, then.data, measure]);
  const names = useMemo(() => ({ now: text("dashboard.this"), before: text("dashboard.before") }), [text]);
  const { currency, decimals } = site;
  const say = useMemo(() => (value: number) => sayFigure(measure, value, { currency, decimals }, speech), [measure, currency, decimals, speech]);
  const days = `${speech.day(before.from, { dateStyle: "medium" })} – ${speech.day(addDays(before.until, -1), { dateStyle: "medium" })}`;
  const save = () => {
    if (now.data === undefined) return;
    const rows = [["from_on", ...FIGURES], ...now.data.steps.map((step) => [step.from_on, ...FIGURES.map((name) => step[name])])];
    const address = URL.createObjectURL(new Blob([csvOf(rows)], { type: "text/csv;charset=utf-8" }));
    const link = Object.assign(document.createElement("a"), { href: address, download: `${tenant}-${shown.from}-${by}.csv` });
    link.click();
    URL.revokeObjectURL(address);
  };
  const failed = [now, then].find(({ isError }) => isError);
  return (
    <>
      <Toolbar title={text("area.dashboard")}>
        <DayFilter label={text("list.from")} value={shown.from} onChange={(on) => on !== "" && change({ from: on })} />
        <DayFilter
          label={text("list.until")}
          min={shown.from}
          value={addDays(shown.until, -1)}
          onChange={(on) => on !== "" && change({ from: shown.from, until: on })}
        />
        <span className="muted small">{text("dashboard.against", { days })}</span>
        <span className="push" />
        <ResourceFilter
          value={search.resource}
          onChange={(id) => void navigate({ search: (old) => (id === "" ? without(old, "resource") : { ...old, resource: id }), replace: true })}
        />
        <Segmented label={text("dashboard.by")} segments={STEPS.map((key) => ({ key, label: text(`dashboard.by.${key}`) }))} value={by} onChange={(key) => change({ by: key })} />
        <Button onClick={save} aria-disabled={now.data === undefined || undefined}>
          CSV
        </Button>
      </Toolbar>
      <div className={styles.page}>
        {failed !== undefined && now.data !== undefined && <Stale error={failed.error} at={failed.dataUpdatedAt || now.dataUpdatedAt} retry={() => void Promise.all([now.refetch(), then.refetch()])} />}
        {now.data === undefined ? (
          now.isError ? (
            <Failed error={now.error} retry={() => void now.refetch()} />
          ) : (
            <Skeleton label={text("load.waiting")}>
              <Bone height="130px" />
              <div className={styles.gap} />
              <Bone height="320px" />
            </Skeleton>
          )
        ) : (
          <>
            <dl className={styles.figures}>
              {FIGURES.map((name) => {
                const value = now.data.total[name];
                const former = then.data?.total[name] ?? null;
                const change = changeOf(name, value, former, speech);
                return (
                  <div key={name}>
                    <dt>{text(`figure.${name}`)}</dt>
                    <dd>
                      <b>{sayFigure(name, value, site, speech)}</b>{" "}
                      {change !== null && change.direction !== 0 && (
                        <span className={change.isBetter ? styles.better : styles.worse}>
                          <span aria-hidden="true">{change.direction > 0 ? "↑" : "↓"}</span>
                          <span className="hidden-visually">{text(change.direction > 0 ? "dashboard.more" : "dashboard.less")}</span> {change.text}
                        </span>
                      )}
                      <span className={styles.former}>{text("dashboard.was", { value: sayFigure(name, former, site, speech) })}</span>
                      <span className={styles.how}>{text(`figure.${name}.how`)}</span>
                    </dd>
                  </div>
                );
              })}
            </dl>
            <Card
              title={text("dashboard.trend", { figure: text(`figure.${measure}`) })}
              aside={<Segmented label={text("dashboard.measure")} segments={MEASURES.map((key) => ({ key, label: text(`figure.${key}`) }))} value={measure} onChange={(key) => change({ measure: key })} />}
            >
              <div className={styles.chart}>
                <Suspense fallback={<Bone height="260px" />}>
                  <Trend label={text("dashboard.trend", { figure: text(`figure.${measure}`) })} names={names} steps={steps} now={bars} before={line} say={say} />
                </Suspense>
                <p className="muted small">{text("dashboard.legend")}</p>
                <details>
                  <summary>{text("dashboard.table")}</summary>
                  <table className={styles.table}>
                    <thead>
                      <tr>
                        <th scope="col">{text(`dashboard.by.${by}`)}</th>
                        <th scope="col">{names.now}</th>
                        <th scope="col">{names.before}</th>
                      </tr>
                    </thead>
                    <tbody>
                      {steps.map((step, index) => (
                        <tr key={index}>
                          <th scope="row">{step}</th>
                          <td>{sayFigure(measure, bars[index] ?? null, site, speech)}</td>
                          <td>{sayFigure(measure, line[index] ?? null, site, speech)}</td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </details>
              </div>
            </Card>
            <Card title={text("dashboard.resources")}>
              <div className={styles.scroll} tabIndex={0} role="group" aria-label={text("dashboard.resources")}>
                <table className={styles.table}>
                  <thead>
                    <tr>
                      <th scope="col">{text("list.resource")}</th>
                      {MEASURES.map((name) => (
                        <th key={name} scope="col">
                          {text(`figure.${name}`)}
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {now.data.resources.toSorted((one, other) => other.revenue - one.revenue).map((one) => (
                      <tr key={one.resource_id}>
                        <th scope="row">{one.name}</th>
                        {MEASURES.map((name) => (
                          <td key={name}>{sayFigure(name, one[name], site, speech)}</td>
                        ))}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </Card>
          </>
        )}
      </div>
    </>
  );
}
