"""What was published before the season listed last counted for lengths means afterwards what it meant."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import psycopg

from chalicelib.core.time_ranges import days
from chalicelib.database.migrations import migrate
from chalicelib.policies.model import policy_documents
from chalicelib.policies.model.rules.length import Length
from tests.offers import STAY, Offer, add_tenant, policy

if TYPE_CHECKING:
    from tests.databases import Database

SUMMER = {"from_on": "2027-06-01", "until_on": "2027-09-01", "minimum": 7}
JULY = {"from_on": "2027-07-01", "until_on": "2027-08-01", "minimum": 2, "maximum": 3}
AUTUMN = {"from_on": "2027-08-20", "until_on": "2027-11-01", "maximum": 5}
OVERLAPPING = {"rule": "length", "minimum": 1, "maximum": None, "seasons": [JULY, SUMMER, AUTUMN]}
APART = {"rule": "length", "minimum": 1, "maximum": None, "seasons": [AUTUMN, JULY]}
OTHER = {"rule": "horizon", "maximum_days": 900}


def bounds(document: dict[str, Any], on: date) -> tuple[int | None, int | None]:
    [rule] = [rule for rule in policy_documents.parse(document).rules if isinstance(rule, Length)]
    return rule.bounds(on)


def first_listed(on: date) -> tuple[int | None, int | None]:
    """What counted on a date when the season listed first did."""
    for season in (JULY, SUMMER, AUTUMN):
        if str(season["from_on"]) <= on.isoformat() < str(season["until_on"]):
            return season.get("minimum"), season.get("maximum")  # type: ignore[return-value] - numbers or None
    return 1, None


def test_lengths_of_overlapping_seasons_stay_what_they_were(database: Database) -> None:
    [migration] = [one for one in migrate.load(migrate.FOLDER) if one.name.endswith("seasons_of_lengths")]
    offers = [
        Offer(slug="overlapping", document=policy(STAY, OTHER, OVERLAPPING)),
        Offer(slug="apart", document=policy(STAY, OTHER, APART)),
    ]
    add_tenant(database.owner, "seasons", offers)
    with psycopg.connect(database.owner) as owner:
        owner.execute("SELECT set_config('app.tenant_id', id::text, true) FROM tenants WHERE slug = 'seasons'")
        owner.execute(migration.statements)
        found = dict(
            owner.execute(
                "SELECT policies.slug, document FROM policy_versions JOIN policies ON policies.id = policy_id"
            ).fetchall()
        )
        owner.rollback()
    assert found["apart"] == offers[1].document
    for on in days(date(2027, 5, 20), date(2027, 11, 10)):
        assert bounds(found["overlapping"], on) == first_listed(on)
    assert found["overlapping"]["rules"][0] == OTHER
    seasons = found["overlapping"]["rules"][1]["seasons"]
    assert all(one["until_on"] <= other["from_on"] for one, other in pairwise(seasons))
