import { expect, test } from "vitest";

import { changeOf, differences } from "@/public/manage/managed";

const STAY = {
  check_in_on: "2027-05-14",
  check_out_on: "2027-05-17",
  starts_at: "2027-05-14T22:00:00Z",
  ends_at: "2027-05-17T18:00:00Z",
  party_size: 2,
};
const HOUR = { check_in_on: null, check_out_on: null, starts_at: "2027-05-14T09:00:00Z", ends_at: "2027-05-14T10:00:00Z", party_size: 2 };

test("a later end extends, an earlier one shortens, and everything else moves", () => {
  expect(changeOf(STAY, { check_in_on: "2027-05-14", check_out_on: "2027-05-19", party_size: 2 })).toEqual({
    action: "extend",
    body: { check_out_on: "2027-05-19" },
  });
  expect(changeOf(STAY, { check_in_on: "2027-05-14", check_out_on: "2027-05-15", party_size: 2 })).toEqual({
    action: "shorten",
    body: { check_out_on: "2027-05-15" },
  });
  expect(changeOf(STAY, { check_in_on: "2027-05-15", check_out_on: "2027-05-17", party_size: 3 })).toEqual({
    action: "move",
    body: { check_in_on: "2027-05-15", check_out_on: "2027-05-17", party_size: 3 },
  });
});

test("other people alone leave the days alone, and nothing different is no change", () => {
  expect(changeOf(STAY, { party_size: 1 })).toEqual({ action: "move", body: { party_size: 1 } });
  expect(changeOf(STAY, { check_in_on: "2027-05-14", check_out_on: "2027-05-17", party_size: 2 })).toBeNull();
});

test("instants are compared as instants, however they are written", () => {
  expect(changeOf(HOUR, { starts_at: "2027-05-14T09:00Z", ends_at: "2027-05-14T10:00Z", party_size: 2 })).toBeNull();
  expect(changeOf(HOUR, { starts_at: "2027-05-14T09:00Z", ends_at: "2027-05-14T11:00Z", party_size: 2 })).toEqual({
    action: "extend",
    body: { ends_at: "2027-05-14T11:00:00.000Z" },
  });
});

test("what somebody else has changed is said by fact", () => {
  const before = new Map([["Arrival", "Fri"], ["People", "2"]]);
  const after = new Map([["Arrival", "Sat"], ["People", "2"], ["State", "Cancelled"]]);
  expect(differences(before, after)).toEqual([
    { label: "Arrival", before: "Fri", after: "Sat" },
    { label: "State", before: "–", after: "Cancelled" },
  ]);
});
