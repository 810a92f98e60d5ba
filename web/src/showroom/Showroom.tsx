import { useState } from "react";

import styles from "@/showroom/Showroom.module.css";
import { useSpeech } from "@/texts/intl";
import { Button } from "@/ui/Button";
import { type Day, DateRange } from "@/ui/DateRange";
import { Dialog } from "@/ui/Dialog";
import { Empty } from "@/ui/Empty";
import { Field } from "@/ui/Field";
import { Icon, type IconName, PATHS } from "@/ui/Icon";
import { Notice } from "@/ui/Notice";
import { Bone, Skeleton } from "@/ui/Skeleton";
import { Select } from "@/ui/Select";
import { StateBadge } from "@/ui/StateBadge";
import { STATES } from "@/ui/StateIcon";
import { Stepper } from "@/ui/Stepper";
import { type Sorting, Table } from "@/ui/Table";
import { ToastRegion } from "@/ui/Toast";
import { Toasts } from "@/ui/toasts";

const LONG = "A very long label that somebody wrote without a thought for phones and which must not break the page 🌲🌲🌲";
const ROWS = [
  { guest: "Ada Lovelace", nights: 4, price: { currency: "USD", decimals: 2, total: 85134 } },
  { guest: LONG, nights: 14, price: { currency: "KWD", decimals: 3, total: 1234567 } },
  { guest: "مريم الفارسي", nights: 1, price: { currency: "JPY", decimals: 0, total: 12000 } },
];
const toasts = new Toasts();

/** Every control in all its states, light and dark beside each other. It is in no build. */
export function Showroom() {
  return (
    <main className={styles.themes}>
      {(["light", "dark"] as const).map((theme) => (
        <div key={theme} data-theme={theme} className={styles.theme}>
          <h1>Controls, {theme}</h1>
          <Controls />
        </div>
      ))}
      <ToastRegion toasts={toasts} closeLabel="Close" />
    </main>
  );
}

function Controls() {
  const { money } = useSpeech();
  const [people, setPeople] = useState(1);
  const [range, setRange] = useState({ start: "2026-12-14", end: "2026-12-18" });
  const [focused, setFocused] = useState("2026-12-14");
  const [isOpen, setOpen] = useState(false);
  const [sorting, setSorting] = useState<Sorting>({ key: "nights", direction: "ascending" });
  const sorted = [...ROWS].sort((one, other) => (sorting.direction === "ascending" ? 1 : -1) * (one.nights - other.nights));
  return (
    <>
      <section>
        <h2>Button</h2>
        <div className={styles.row}>
          {(["primary", "line", "danger", "text"] as const).map((kind) => (
            <Button key={kind} kind={kind}>
              {kind}
            </Button>
          ))}
        </div>
        <div className={styles.row}>
          <Button kind="primary" disabled>
            disabled
          </Button>
          <Button kind="primary" busy>
            busy
          </Button>
          <Stepper value={people} min={1} max={4} label="People" fewer="One fewer" more="One more" onChange={setPeople} />
          <Stepper value={people} min={1} max={240} label="Many people" fewer="One fewer" more="One more" onChange={setPeople} />
        </div>
        <Button full>{LONG}</Button>
      </section>
      <section>
        <h2>Field</h2>
        <Field label="Name" />
        <Field label="Email" hint="The confirmation goes there." defaultValue="ada@example.org" />
        <Field label="Email" hint="The confirmation goes there." defaultValue="ada" errors={["This is no email address."]} />
        <Field label="Notes" aside="optional" lines />
        <Select
          label="Start"
          blank="Choose"
          value=""
          onChange={() => toasts.say("Chosen")}
          options={[
            { value: "1", label: "9:00 am" },
            { value: "2", label: LONG },
          ]}
        />
        <Field label="Disabled" disabled defaultValue="It is what it is" />
      </section>
      <section>
        <h2>DateRange</h2>
        <div className={styles.calendar}>
          <DateRange
            label="Arrival and departure"
            locale="en-US"
            value={range}
            onChange={setRange}
            min="2026-12-03"
            months={1}
            focused={focused}
            onFocused={setFocused}
            day={exampleDay}
            endLabel="Out"
            previous="Earlier"
            next="Later"
          />
        </div>
        <div className={styles.calendar}>
          <DateRange
            label="Refused"
            locale="en-US"
            value={{ start: "2026-12-08", end: "2026-12-11" }}
            onChange={setRange}
            min="2026-12-03"
            months={1}
            focused="2026-12-14"
            onFocused={setFocused}
            day={exampleDay}
            endLabel="Out"
            previous="Earlier"
            next="Later"
            refused
          />
        </div>
      </section>
      <section>
        <h2>Icon</h2>
        <div className={styles.row}>
          {(Object.keys(PATHS) as IconName[]).map((name) => (
            <span key={name}>
              <Icon name={name} /> <Icon name={name} small /> {name}
            </span>
          ))}
        </div>
      </section>
      <section>
        <h2>StateBadge</h2>
        <div className={styles.row}>
          {STATES.map((state) => (
            <StateBadge key={state} state={state} label={state.replace("_", " ")} />
          ))}
        </div>
      </section>
      <section>
        <h2>Notice</h2>
        <Notice title="The price has changed to $900.00">
          <p>Nothing is reserved yet.</p>
        </Notice>
        <Notice kind="ok" title="Reserved" />
        <Notice
          kind="bad"
          title="2 nights is too short"
          choicesLabel="Instead"
          choices={[
            { key: "1", label: "One night more, Dec 19 – 22", aside: "$1,041.38", onChoose: () => toasts.say("Chosen") },
            { key: "2", label: LONG, onChoose: () => toasts.say("Chosen") },
          ]}
        >
          <p>A stay that begins then has at least 3 nights.</p>
        </Notice>
      </section>
      <section>
        <h2>Table</h2>
        <Table
          caption="Reservations"
          columns={[
            { key: "guest", title: "Guest", cell: ({ guest }) => guest },
            { key: "nights", title: "Nights", cell: ({ nights }) => nights, isNumeric: true, isSortable: true },
            { key: "price", title: "Price", cell: ({ price }) => <span className="numbers">{money(price)}</span>, isNumeric: true },
          ]}
          rows={sorted}
          rowKey={({ guest }) => guest}
          sorting={sorting}
          onSort={setSorting}
          nothing="No reservations yet."
        />
        <Table
          caption="Waitlist"
          columns={[
            { key: "guest", title: "Guest", cell: () => null },
            { key: "since", title: "Since", cell: () => null },
          ]}
          rows={[]}
          rowKey={String}
          nothing="Nobody waits."
        />
      </section>
      <section>
        <h2>Dialog, Toast</h2>
        <div className={styles.row}>
          <Button onClick={() => setOpen(true)}>Open a dialog</Button>
          <Button onClick={() => toasts.say("Saved")}>Say something</Button>
          <Button onClick={() => toasts.say("Moved to Cabin 3", { label: "Undo", onPress: () => toasts.say("As it was") })}>
            Say what can be undone
          </Button>
        </div>
        <Dialog
          title="Cancel this reservation?"
          isOpen={isOpen}
          onClose={() => setOpen(false)}
          actions={
            <>
              <Button onClick={() => setOpen(false)}>Keep it</Button>
              <Button kind="danger" onClick={() => setOpen(false)}>
                Cancel it
              </Button>
            </>
          }
        >
          <p>$425.67 is paid back.</p>
        </Dialog>
      </section>
      <section>
        <h2>Empty, Skeleton</h2>
        <Empty title="Nothing fits" hint="Try other dates, fewer people, or leave a wish out.">
          <Button>Show everything</Button>
        </Empty>
        <Skeleton label="Loading">
          <Bone height="120px" />
          <Bone width="60%" />
        </Skeleton>
      </section>
    </>
  );
}

function exampleDay(on: string): Day {
  const day = Number(on.slice(-2));
  if (day % 9 === 0) return { below: "$189", look: "full", reason: "Sold out" };
  if (day % 5 === 0) return { below: "$189", look: "noStart", reason: "No arrival on this day" };
  return { below: "$189", note: day % 7 === 1 ? "1 left" : undefined, look: "free" };
}
