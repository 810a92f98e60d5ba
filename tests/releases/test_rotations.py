"""The next signing keys, and what functions are told, without AWS."""

from __future__ import annotations

from itertools import pairwise

import pytest

from chalicelib.config import Config
from chalicelib.releases.model.rotations import MOST_KEYS, SigningKeys, refreshed

FIRST = {"kid": "1", "key": "a" * 43, "others": ""}


def rotations(count: int) -> list[SigningKeys]:
    keys = [SigningKeys.of_secret(FIRST)]
    for number in range(count):
        keys.append(keys[-1].rotated(f"{number:043}"))
    return keys


def kids(keys: SigningKeys) -> list[str]:
    return [kid for kid, _ in keys.pairs]


def test_the_first_rotation_makes_the_next_key_and_leaves_the_one_that_signs() -> None:
    assert [kids(keys) for keys in rotations(3)] == [["1"], ["1", "2"], ["2", "3", "1"], ["3", "4", "2", "1"]]


def test_every_function_knows_a_key_before_the_first_token_is_signed_with_it() -> None:
    for before, after in pairwise(rotations(40)):
        assert after.pairs[0] in before.pairs
        assert before.pairs[0] in after.pairs


def test_a_key_is_accepted_for_fourteen_rotations_after_it_signed_last() -> None:
    history = rotations(40)
    assert {len(keys.pairs) for keys in history[20:]} == {MOST_KEYS}
    last = max(number for number, keys in enumerate(history) if keys.pairs[0][0] == "5")
    assert "5" in kids(history[last + 14])
    assert "5" not in kids(history[last + 15])


@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_what_a_secret_holds_is_what_the_configuration_reads(count: int) -> None:
    keys = rotations(count)[-1]
    secret = keys.as_secret()
    assert SigningKeys.of_secret(secret) == keys
    # As infra/secrets.yaml puts the variable together.
    variable = f"{secret['kid']}:{secret['key']}{secret['others']}"
    assert variable == str(keys)
    environment = {"DATABASE_URL": "postgresql://x", "BERTH_SIGNING_KEYS": variable}
    assert Config.from_environment(environment).signing_keys == keys.pairs


def test_the_variable_leaves_room_for_the_others() -> None:
    assert len(str(rotations(99)[-1])) < 1024  # of the 4,096 bytes that Lambda allows


VARIABLES = {
    "DATABASE_URL": "postgresql://berth_app:old@db.example:5432/berth?sslmode=require",
    "BERTH_JOBS_DATABASE_URL": "postgresql://berth_jobs:old@db.example:5432/berth",
    "BERTH_SIGNING_KEYS": "1:old",
    "BERTH_PUBLIC_URL": "https://berth_app:old@book.example",
}


def test_a_new_password_goes_into_the_addresses_of_its_role_alone() -> None:
    told = refreshed(VARIABLES, {"username": "berth_app", "password": "n/e@w"})
    assert told == {
        **VARIABLES,
        "DATABASE_URL": "postgresql://berth_app:n%2Fe%40w@db.example:5432/berth?sslmode=require",
    }


def test_new_keys_go_to_those_who_had_some() -> None:
    assert refreshed(VARIABLES, FIRST) == {**VARIABLES, "BERTH_SIGNING_KEYS": f"1:{'a' * 43}"}
    assert refreshed({"X": "y"}, FIRST) == {"X": "y"}


def test_keys_with_gaps_between_their_numbers_go_on_as_well() -> None:
    keys = SigningKeys((("3", "c" * 43), ("7", "g" * 43), ("9", "i" * 43), ("1", "a" * 43)))
    assert kids(keys.rotated("n" * 43)) == ["7", "9", "10", "3", "1"]
