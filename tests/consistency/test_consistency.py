"""Every proof is broken on purpose, as a superuser whom no constraint, trigger or foreign key stops."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
import pytest

from chalicelib.reporting.storage.check import PROOFS, Verdict, prove, snapshot
from chalicelib.reservations.model.reservations import Action
from local.errors import CommandError
from tests.databases import new_database
from tools.consistency import EVENTS, LEGAL, check, main

if TYPE_CHECKING:
    from local.postgres.cluster import Cluster
    from tests.consistency.world import World
    from tests.databases import Database

UNGUARDED: LiteralString = """
DO $$
DECLARE
    guard record;
BEGIN
    FOR guard IN
        SELECT conrelid::regclass AS guarded, conname FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'x')
            AND coninhcount = 0 -- what partitions have goes with their table's own
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', guard.guarded, guard.conname);
    END LOOP;
END
$$;
SET session_replication_role = replica;
"""

TWICE = "units_used_twice"
DIFFER = "allocations_that_differ"
UNITS = "units_that_differ"
NEEDS = "needs_that_differ"
LACK = "units_that_inventories_lack"
ROOMS = "rooms_that_change"
CLOSURES = "closures_that_differ"
ILLEGAL = "illegal_histories"
ELSEWHERE = "histories_that_end_elsewhere"
TERMS = "terms_that_change"
EARLIER = "earlier_rooms_that_differ"
WAITLIST = "waitlist_entries_that_differ"
ENDS = "ends_that_differ"
DANGLE = "references_that_dangle"


@dataclass(frozen=True, slots=True)
class Break:
    """What is done to the world, where names stand for their ids, and what each proof says then."""

    statement: LiteralString
    found: dict[str, str]


BREAKS = {
    "a guest in the house comes under another version": Break(
        "UPDATE events SET after = jsonb_set(after, '{policy_version}', '9')"
        " WHERE entity_id = %(staying)s AND type = 'reservation.checked_in'",
        {TERMS: r"checked_in, which makes version \d, puts it under another policy or version, though it stays"},
    ),
    "a guest in the house pays another price": Break(
        "UPDATE events SET after = jsonb_set(after, '{price,total}', '199800')"
        " WHERE entity_id = %(staying)s AND type = 'reservation.checked_in'",
        {TERMS: r"changes its price from \d+ to 199800, though it takes the same"},
    ),
    "the clock takes a reservation further too late": Break(
        "UPDATE reservations SET due_at = due_at + interval '1 hour' WHERE id = %(promised)s",
        {ENDS: r"is confirmed and the clock takes it further .*, expected "},
    ),
    "an earlier room leaves a gap": Break(
        "INSERT INTO earlier_rooms (tenant_id, reservation_id, resource_id, next_resource_id, starts_at, ends_at,"
        " taken, units)"
        " SELECT tenant_id, id, resource_id, resource_id, starts_at + interval '1 hour', ends_at - interval '2 hours',"
        " 1, '{[1,2)}' FROM reservations WHERE id = %(staying)s",
        {EARLIER: r"is checked_in until .* where it should be there from 2027-05-31 15:00"},
    ),
    "a guest who has not come was elsewhere before": Break(
        "INSERT INTO earlier_rooms (tenant_id, reservation_id, resource_id, next_resource_id, starts_at, ends_at,"
        " taken, units)"
        " SELECT tenant_id, id, resource_id, resource_id, starts_at, starts_at + interval '2 hours', 1, '{[1,2)}'"
        " FROM reservations WHERE id = %(promised)s",
        {EARLIER: "is confirmed until"},
    ),
    "a place is offered that nobody holds": Break(
        "INSERT INTO waitlist_entries (id, tenant_id, resource_id, guest_id, state, starts_at, ends_at, quantity,"
        " party_size, joined_at, decided_at)"
        " SELECT gen_random_uuid(), tenant_id, resource_id, guest_id, 'offered', starts_at, ends_at, 1, 1, created_at,"
        " NULL FROM reservations WHERE id = %(promised)s",
        {WAITLIST: "is offered and its reservation is none"},
    ),
    "an offer is taken and the entry does not say so": Break(
        "INSERT INTO waitlist_entries (id, tenant_id, resource_id, guest_id, state, starts_at, ends_at, quantity,"
        " party_size, joined_at, decided_at)"
        " SELECT id, tenant_id, resource_id, guest_id, 'offered', starts_at, ends_at, 1, 1, created_at, NULL"
        " FROM reservations WHERE id = %(promised)s",
        {WAITLIST: "is offered and its reservation is confirmed"},
    ),
    "an entry was accepted that was offered nothing": Break(
        "INSERT INTO waitlist_entries (id, tenant_id, resource_id, guest_id, state, starts_at, ends_at, quantity,"
        " party_size, joined_at, decided_at)"
        " SELECT gen_random_uuid(), tenant_id, resource_id, guest_id, 'accepted', starts_at, ends_at, 1, 1, created_at,"
        " created_at FROM reservations WHERE id = %(promised)s",
        {WAITLIST: "is accepted and its reservation is none"},
    ),
    "who waits has what they wait for": Break(
        "INSERT INTO waitlist_entries (id, tenant_id, resource_id, guest_id, state, starts_at, ends_at, quantity,"
        " party_size, joined_at, decided_at)"
        " SELECT id, tenant_id, resource_id, guest_id, 'waiting', starts_at, ends_at, 1, 1, created_at, NULL"
        " FROM reservations WHERE id = %(promised)s",
        {WAITLIST: "is waiting and its reservation is confirmed"},
    ),
    "a room is given to two": Break(
        "UPDATE allocations SET units = '{[1,2)}' WHERE owner_id = %(left)s",
        {TWICE: r"unit 1 of rooms .* has it until 2027-06-01 10:00", ELSEWHERE: r"has the units \[\[1, 2\]\]"},
    ),
    "a reservation takes what a closure has": Break(
        "UPDATE allocations SET units = '{[1,2)}' WHERE owner_id = %(split)s AND part = 0",
        {TWICE: r"unit 1 of kayaks"},
    ),
    "a reservation begins within the closure of a whole resource": Break(
        "UPDATE allocations SET during = '[2027-06-24 15:00+00, 2027-06-26 12:00+00)' WHERE owner_id = %(promised)s",
        {TWICE: r"unit 2 of rooms", DIFFER: r"should block"},
    ),
    "one of several units is shared": Break(
        "WITH known AS (UPDATE allocations SET units = '{[2,6)}' WHERE owner_id = %(group)s)"
        " INSERT INTO allocations (tenant_id, owner_id, part, owner_kind, resource_id, inventory_id, during, units,"
        " quantity, pinned)"
        " SELECT tenant_id, owner_id, 1, owner_kind, resource_id, inventory_id, during, '{[1,2),[5,6),[8,10)}', 4,"
        " false"
        " FROM allocations WHERE owner_id = %(group)s",
        {TWICE: r"part 1 takes unit 5 of tours", DIFFER: "parts that overlap"},
    ),
    "a guest in the house blocks nothing": Break(
        "DELETE FROM allocations WHERE owner_id = %(staying)s",
        {DIFFER: r"is checked_in and should block .* blocks nothing"},
    ),
    "a guest who left early blocks nothing": Break(
        "DELETE FROM allocations WHERE owner_id = %(left)s",
        {DIFFER: r"is completed and should block .* blocks nothing"},
    ),
    "a cancelled reservation blocks": Break(
        "INSERT INTO allocations (tenant_id, owner_id, part, owner_kind, resource_id, inventory_id, during, units,"
        " quantity, pinned)"
        " SELECT tenant_id, id, 0, 'reservation', resource_id, resource_id,"
        " tstzrange(starts_at, ends_at), '{[1,2)}', 1, false"
        " FROM reservations WHERE id = %(cancelled)s",
        {DIFFER: r"is cancelled and should block nothing"},
    ),
    "somebody who did not come blocks": Break(
        "UPDATE allocations SET owner_id = %(absent)s WHERE owner_id = %(promised)s",
        {
            DIFFER: r"should block nothing",
            ROOMS: "is no_show without a promise",
            ELSEWHERE: r"has the units \[\[2, 3\]\], which no event tells of",
        },
    ),
    "the buffer is not blocked": Break(
        "UPDATE allocations SET during = tstzrange(lower(during), upper(during) - interval '1 hour')"
        " WHERE owner_id = %(promised)s",
        {DIFFER: r"should block .*12:00.* blocks .*11:00"},
    ),
    "more than the time is blocked": Break(
        "UPDATE allocations SET during = tstzrange(lower(during) - interval '1 hour', upper(during))"
        " WHERE owner_id = %(promised)s",
        {DIFFER: r"should block only"},
    ),
    "what is confirmed is only held": Break(
        "UPDATE allocations SET held_until = '2027-06-10 12:00+00' WHERE owner_id = %(promised)s",
        {DIFFER: r"is held until infinity, its units until 2027-06-10"},
    ),
    "a part is held for less long than the other": Break(
        "UPDATE allocations SET held_until = '2027-06-10 12:00+00' WHERE owner_id = %(split)s AND part = 1",
        {DIFFER: r"has units until 2027-06-10 .* and units until infinity"},
    ),
    "there is a gap between parts": Break(
        "UPDATE allocations SET during = tstzrange(lower(during) + interval '1 minute', upper(during))"
        " WHERE owner_id = %(split)s AND part = 1",
        {DIFFER: r"should block"},
    ),
    "a part says another number of units than it takes": Break(
        "UPDATE allocations SET quantity = 3 WHERE owner_id = %(group)s", {UNITS: "takes 4 units and says 3"}
    ),
    "a part does not say how many units it takes": Break(
        "UPDATE allocations SET quantity = NULL WHERE owner_id = %(group)s", {UNITS: "does not say"}
    ),
    "too few units are taken for the people": Break(
        "UPDATE allocations SET units = '{[6,9)}', quantity = 3 WHERE owner_id = %(group)s",
        {UNITS: "takes 3 units instead of 4"},
    ),
    "no units are taken": Break(
        "UPDATE allocations SET units = '{}', quantity = 4 WHERE owner_id = %(group)s", {UNITS: "takes none"}
    ),
    "a unit is taken that the resource does not have": Break(
        "UPDATE allocations SET units = '{[3,4)}' WHERE owner_id = %(split)s AND part = 1",
        {UNITS: "beyond the 2 of kayaks"},
    ),
    "a unit is taken that no resource has": Break(
        "UPDATE allocations SET units = '{[0,1)}' WHERE owner_id = %(split)s AND part = 1",
        {UNITS: "that no resource has"},
    ),
    "a guest changes rooms": Break(
        "WITH shortened AS (UPDATE allocations SET during = '[2027-06-14 15:00+00, 2027-06-15 12:00+00)'"
        " WHERE owner_id = %(promised)s)"
        " INSERT INTO allocations (tenant_id, owner_id, part, owner_kind, resource_id, inventory_id, during, units,"
        " quantity, pinned)"
        " SELECT tenant_id, id, 1, 'reservation', resource_id, resource_id,"
        " '[2027-06-15 12:00+00, 2027-06-16 12:00+00)', '{[1,2)}',"
        " 1, true FROM reservations WHERE id = %(promised)s",
        {ROOMS: r"one after the other the units \{\[1,2\)\}, \{\[2,3\)\} of rooms", ELSEWHERE: "no event tells of"},
    ),
    "the room of a guest in the house may be exchanged": Break(
        "UPDATE allocations SET pinned = false WHERE owner_id = %(staying)s",
        {ROOMS: "is checked_in and its units may be exchanged"},
    ),
    "a promised room may be exchanged": Break(
        "UPDATE allocations SET pinned = false WHERE owner_id = %(promised)s",
        {ROOMS: "is confirmed and its units may be exchanged"},
    ),
    "a room that nobody promised may not be exchanged": Break(
        "UPDATE allocations SET pinned = true WHERE owner_id = %(first)s",
        {ROOMS: "without a promise"},
    ),
    "a closure blocks nothing": Break(
        "DELETE FROM allocations WHERE owner_id = %(rooms)s AND part = 1",
        {CLOSURES: r"rooms closes the units \{\[3,4\)\} and blocks \{\} from 2027-06-25 .* until 2027-06-27"},
    ),
    "a closure blocks too few units": Break(
        "UPDATE allocations SET units = '{[1,3)}', quantity = 2 WHERE owner_id = %(rooms)s AND part = 0",
        {CLOSURES: r"closes the units \{\[1,\)\} and blocks \{\[1,3\)\}"},
    ),
    "something is blocked by no closure": Break(
        "DELETE FROM closures WHERE resource_id = %(kayaks)s",
        {CLOSURES: r"kayaks closes the units \{\} and blocks"},
    ),
    "a history does not begin with its creation": Break(
        "DELETE FROM events WHERE entity_id = %(staying)s AND type = 'reservation.created'",
        {ILLEGAL: "event 1, reservation.checked_in, is the first event"},
    ),
    "a history begins in the middle of life": Break(
        'UPDATE events SET after = after || \'{"state": "checked_in"}\''
        " WHERE entity_id = %(promised)s AND type = 'reservation.created'",
        {ILLEGAL: "makes it checked_in", ELSEWHERE: "its last event says checked_in"},
    ),
    "a history begins with a later version": Break(
        "UPDATE events SET after = after || '{\"version\": 2}' WHERE entity_id = %(promised)s",
        {ILLEGAL: "makes version 2 instead of 1", ELSEWHERE: "its last event at 2"},
    ),
    "an event is missing from the middle": Break(
        "DELETE FROM events WHERE entity_id = %(moved)s AND type = 'reservation.extended'",
        {ILLEGAL: "event 3, reservation.shortened, makes version 4 of version 2"},
    ),
    "an event does not begin where the one before ended": Break(
        'UPDATE events SET before = before || \'{"state": "held"}\''
        " WHERE entity_id = %(left)s AND type = 'reservation.completed'",
        {ILLEGAL: "begins with held in version 2 where there was checked_in in version 2"},
    ),
    "a state is reached that the table does not lead to": Break(
        "UPDATE events SET type = 'reservation.checked_in'"
        " WHERE entity_id = %(absent)s AND type = 'reservation.no_show'",
        {ILLEGAL: "takes it from confirmed to no_show"},
    ),
    "a reservation is created twice": Break(
        "UPDATE events SET type = 'reservation.created', before = NULL"
        " WHERE entity_id = %(cancelled)s AND type = 'reservation.cancelled'",
        {ILLEGAL: "event 2, reservation.created, begins with nothing"},
    ),
    "a type of event that nobody knows": Break(
        "UPDATE events SET type = 'reservation.forgotten' WHERE entity_id = %(moved)s AND type = 'reservation.updated'",
        {ILLEGAL: "event 5, reservation.forgotten, takes it from confirmed to confirmed"},
    ),
    "a reservation has no history": Break(
        "DELETE FROM events WHERE entity_id = %(promised)s", {ELSEWHERE: "has no event"}
    ),
    "a reservation changes its state and nobody is told": Break(
        "UPDATE reservations SET state = 'checked_in' WHERE id = %(promised)s",
        {ELSEWHERE: "is checked_in, its last event says confirmed"},
    ),
    "a reservation changes its version and nobody is told": Break(
        "UPDATE reservations SET version = 7 WHERE id = %(promised)s",
        {ELSEWHERE: "is at version 7, its last event at 1"},
    ),
    "a party grows and nobody is told": Break(
        "UPDATE reservations SET party_size = 2 WHERE id = %(promised)s",
        {ELSEWHERE: "takes something else than its last event says"},
    ),
    "a reservation changes its time and nobody is told": Break(
        "UPDATE reservations SET ends_at = ends_at - interval '1 day' WHERE id = %(promised)s",
        {ELSEWHERE: "takes something else", DIFFER: "should block only", ENDS: "expected 2027"},
    ),
    "a reservation gets other units and nobody is told": Break(
        "UPDATE allocations SET units = '{[3,4)}' WHERE owner_id = %(promised)s",
        {ELSEWHERE: r"has the units \[\[3, 4\]\], which no event tells of"},
    ),
    "an allocation belongs to nobody": Break(
        "INSERT INTO allocations (tenant_id, owner_id, part, owner_kind, resource_id, inventory_id, during, units,"
        " quantity, pinned)"
        " SELECT tenant_id, gen_random_uuid(), 0, owner_kind, resource_id, inventory_id, '[2027-07-01, 2027-07-02)',"
        " units, 1, false"
        " FROM allocations WHERE owner_id = %(promised)s",
        {DANGLE: "belongs to no reservation of this resource"},
    ),
    "an allocation is of another resource than its reservation": Break(
        "UPDATE allocations SET resource_id = %(tours)s WHERE owner_id = %(split)s",
        {DANGLE: "belongs to no reservation of this resource", UNITS: "takes units that tours does not draw from"},
    ),
    "an allocation is of an inventory that its resource does not draw from": Break(
        "UPDATE allocations SET inventory_id = %(tours)s WHERE owner_id = %(promised)s",
        {UNITS: "takes units that rooms does not draw from"},
    ),
    "an allocation is of an inventory that its tenant does not have": Break(
        "UPDATE allocations SET inventory_id = gen_random_uuid() WHERE owner_id = %(promised)s",
        {DANGLE: "which its tenant does not have", UNITS: "takes units that rooms does not draw from"},
    ),
    "an inventory is deleted that a resource draws from": Break(
        "DELETE FROM inventories WHERE id = %(huts)s",
        {DANGLE: "huts draws from an inventory that its tenant does not have"},
    ),
    "an inventory is deleted that a resource needs": Break(
        "UPDATE resources SET needs_inventory_id = gen_random_uuid(), needs_units = '{[1,2)}' WHERE id = %(huts)s",
        {DANGLE: "huts draws from an inventory that its tenant does not have"},
    ),
    "a resource draws from more units than there are": Break(
        "WITH hall AS (INSERT INTO inventories (id, tenant_id, name, capacity)"
        " SELECT gen_random_uuid(), tenant_id, 'Hall', 1 FROM resources WHERE id = %(huts)s RETURNING id)"
        " UPDATE resources SET inventory_id = hall.id, units = '{[1,3)}' FROM hall WHERE resources.id = %(huts)s",
        {LACK: r"huts draws from the units \{\[1,3\)\} of Hall, which has 1"},
    ),
    "a resource needs a unit that there is not": Break(
        "WITH hall AS (INSERT INTO inventories (id, tenant_id, name, capacity)"
        " SELECT gen_random_uuid(), tenant_id, 'Hall', 1 FROM resources WHERE id = %(huts)s RETURNING id)"
        " UPDATE resources SET needs_inventory_id = hall.id, needs_units = '{[2,3)}' FROM hall"
        " WHERE resources.id = %(huts)s",
        {LACK: r"huts draws from the units \{\[2,3\)\} of Hall, which has 1"},
    ),
    "a reservation takes what its resource does not need": Break(
        "INSERT INTO allocations (tenant_id, owner_id, part, owner_kind, resource_id, inventory_id, during, units,"
        " quantity, pinned) SELECT tenant_id, owner_id, 9, 'need', resource_id, %(tours)s, during, '{[90,91)}', 1, true"
        " FROM allocations WHERE owner_id = %(promised)s",
        {UNITS: "takes something else than rooms needs"},
    ),
    "a resource needs what its reservations did not take": Break(
        "UPDATE resources SET needs_inventory_id = %(tours)s, needs_units = '{[90,91)}' WHERE id = %(cabins)s",
        {NEEDS: "and takes it during no time"},
    ),
    "a closure's allocation belongs to another resource": Break(
        "UPDATE allocations SET owner_id = %(tours)s WHERE owner_id = %(kayaks)s",
        {DANGLE: "belongs to no closure of this resource"},
    ),
    "an event is about nothing": Break(
        "INSERT INTO events (tenant_id, id, type, entity_kind, entity_id, actor_kind, before, after, occurred_at)"
        " SELECT tenant_id, gen_random_uuid(), type, entity_kind, gen_random_uuid(), actor_kind, before, after,"
        " occurred_at FROM events WHERE entity_id = %(promised)s",
        {DANGLE: "is about the unknown reservation"},
    ),
    "a guest is of another tenant": Break(
        "UPDATE guests SET tenant_id = (SELECT id FROM tenants WHERE slug = 'elsewhere')",
        {DANGLE: "names a guest whom its tenant does not know"},
    ),
    "a reservation was made under no policy": Break(
        "UPDATE reservations SET policy_version = 2 WHERE id = %(split)s",
        {DANGLE: "under a policy version that its tenant does not have"},
    ),
    "a resource's policy is not published": Break(
        "UPDATE policies SET current_version = 2 WHERE slug = 'tours'",
        {DANGLE: "tours is under a policy that its tenant has not published"},
    ),
    "a unit is of another tenant's resource": Break(
        "UPDATE units SET tenant_id = (SELECT id FROM tenants WHERE slug = 'elsewhere') WHERE resource_id = %(cabins)s",
        {DANGLE: "elsewhere: unit .* which its tenant does not have"},
    ),
}


def verdicts_of(connection: psycopg.Connection[Any]) -> dict[str, Verdict]:
    connection.execute("SET LOCAL ROLE berth_jobs")
    return {verdict.proof.statement: verdict for verdict in prove(connection, LEGAL, most=20)}


def after(original: tuple[Database, World], *statements: LiteralString) -> dict[str, Verdict]:
    """Break the world in a transaction that is rolled back; return what the proofs say of it."""
    database, world = original
    parameters: dict[str, Any] = {**world.resources, **world.reservations}
    with psycopg.connect(database.owner) as superuser:
        superuser.execute(UNGUARDED)
        for statement in statements:
            changed = superuser.execute(statement, parameters).rowcount
            assert changed > 0, "a statement that changes nothing would prove nothing"
        verdicts = verdicts_of(superuser)
        superuser.rollback()
    return verdicts


def test_everything_holds_where_everything_has_happened(original: tuple[Database, World]) -> None:
    with snapshot(original[0].jobs) as connection:
        verdicts = {verdict.proof.statement: verdict for verdict in prove(connection, LEGAL, most=20)}
    assert list(verdicts) == [proof.statement for proof in PROOFS]
    assert {name: verdict.findings for name, verdict in verdicts.items()} == dict.fromkeys(verdicts, ())
    assert all(verdict.examined > 0 for verdict in verdicts.values())


def test_the_world_has_what_the_proofs_are_about(original: tuple[Database, World]) -> None:
    database, world = original
    with psycopg.connect(database.owner) as connection:
        types = {kind for (kind,) in connection.execute("SELECT DISTINCT type FROM events").fetchall()}
        parts = connection.execute("SELECT count(*) FROM allocations WHERE owner_id = %(split)s", world.reservations)
        assert parts.fetchall() == [(2,)]
    assert types == {
        "closure.added",
        "reservation.cancelled",
        "reservation.checked_in",
        "reservation.completed",
        "reservation.created",
        "reservation.extended",
        "reservation.moved",
        "reservation.no_show",
        "reservation.shortened",
        "reservation.units_changed",
        "reservation.updated",
    }


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_named_and_nothing_else_is(original: tuple[Database, World], name: str) -> None:
    verdicts = after(original, BREAKS[name].statement)
    assert {proof for proof, verdict in verdicts.items() if verdict.broken} == set(BREAKS[name].found)
    for proof, text in BREAKS[name].found.items():
        findings = [
            f"{finding.tenant}: {finding.kind} {finding.id}: {finding.text}" for finding in verdicts[proof].findings
        ]
        assert len(findings) == verdicts[proof].broken
        assert any(re.search(text, finding) for finding in findings), findings


def test_every_proof_has_been_broken() -> None:
    assert {proof for each in BREAKS.values() for proof in each.found} == {proof.statement for proof in PROOFS}


def test_findings_are_counted_in_full_and_named_in_part(original: tuple[Database, World]) -> None:
    database, world = original
    with psycopg.connect(database.owner) as superuser:
        superuser.execute(UNGUARDED)
        superuser.execute("DELETE FROM events WHERE entity_kind = 'reservation'")
        [verdict] = [each for each in prove(superuser, LEGAL, most=3) if each.broken]
        superuser.rollback()
    assert (verdict.broken, len(verdict.findings)) == (len(world.reservations), 3)


IN_AUGUST: LiteralString = "UPDATE simulated_clock SET instant = '2027-08-01'"
FIRST_PART_GONE: LiteralString = "DELETE FROM allocations WHERE owner_id = %(split)s AND part = 0"


@pytest.mark.parametrize("statements", [[IN_AUGUST], [IN_AUGUST, "DELETE FROM allocations"]])
def test_what_has_ended_may_be_there_or_not(original: tuple[Database, World], statements: list[LiteralString]) -> None:
    assert [verdict for verdict in after(original, *statements).values() if verdict.broken] == []


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE simulated_clock SET instant = '2027-06-08 09:59:59+00'", 1),
        ("UPDATE simulated_clock SET instant = '2027-06-08 10:00+00'", 0),
    ],
)
def test_the_parts_of_a_split_use_may_go_one_by_one_as_they_end(
    original: tuple[Database, World], statement: LiteralString, broken: int
) -> None:
    assert after(original, statement, FIRST_PART_GONE)[DIFFER].broken == broken


def test_a_buffer_is_blocked_also_after_the_guest_s_time_has_ended(original: tuple[Database, World]) -> None:
    verdicts = after(
        original,
        "UPDATE simulated_clock SET instant = '2027-06-16 11:30+00'",
        "DELETE FROM allocations WHERE owner_id = %(promised)s",
    )
    assert any("blocks nothing" in finding.text for finding in verdicts[DIFFER].findings)


def test_every_action_has_its_event() -> None:
    assert set(EVENTS) == set(Action)


def test_the_command_succeeds_when_all_holds(
    original: tuple[Database, World], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", original[0].owner)
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(PROOFS)
    assert all(line.startswith("holds") for line in lines)
    assert "(12 reservations)" in lines[1]


def test_the_command_fails_and_names_the_rows_when_something_is_broken(
    copy: Database,
    original: tuple[Database, World],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    staying = original[1].reservations["staying"]
    with psycopg.connect(copy.owner) as superuser:
        superuser.execute("DELETE FROM allocations WHERE owner_id = %s", [staying])
    monkeypatch.setenv("DATABASE_URL", copy.owner)
    assert main([]) == 1
    output = capsys.readouterr().out
    assert "BROKEN by 1  exactly the reservations that block have allocations" in output
    assert f"    lake: reservation {staying}: " in output


def test_a_database_without_the_schema_is_told_to_be_migrated(cluster: Cluster) -> None:
    with (
        new_database(cluster, "template1") as database,
        pytest.raises(CommandError, match=r"\./dev migrate"),
    ):
        check(database.jobs)
