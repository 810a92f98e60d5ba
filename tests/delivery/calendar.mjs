// Reads a calendar from standard input; prints its events as JSON.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const found = createRequire(process.env.PACKAGES + "/").resolve("ical.js");
const { default: ICAL } = await import(pathToFileURL(found));
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const calendar = new ICAL.Component(ICAL.parse(Buffer.concat(chunks).toString()));
const events = calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  return {
    uid: event.uid,
    from: event.startDate.toString(),
    until: event.endDate.toString(),
    summary: event.summary,
    description: event.description,
    sequence: event.sequence,
  };
});
process.stdout.write(JSON.stringify(events));
