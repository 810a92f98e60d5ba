"""New passwords are none of those that are tried first."""

from __future__ import annotations

import pytest

from chalicelib.adapters.passwords import check_new_password
from chalicelib.core.errors import InvalidInputError


@pytest.mark.parametrize(
    "password", ["password123", "Password123", "QwertyUIOP", "1234567890", "Password12!", "!!qwertyui1", "12345qwert"]
)
def test_a_common_password_is_refused_however_it_is_decorated(password: str) -> None:
    with pytest.raises(InvalidInputError):
        check_new_password(password, "ada@example.org", "Ada Lovelace")


@pytest.mark.parametrize("password", ["0987654321", "12345678901", "89614774181", "٠٩٨٧٦٥٤٣٢١"])
def test_digits_alone_are_refused(password: str) -> None:
    with pytest.raises(InvalidInputError, match="digits alone"):
        check_new_password(password)


@pytest.mark.parametrize("password", ["bartholomew", "Christianity", "archaeology!", "2featherstone1"])
def test_one_word_or_name_is_refused_however_it_is_decorated(password: str) -> None:
    with pytest.raises(InvalidInputError, match="single word or name"):
        check_new_password(password)


@pytest.mark.parametrize("password", ["correct horse battery staple", "password of my own making", "4@8({[<369&#!1/|7"])
def test_a_password_of_several_words_or_signs_will_do(password: str) -> None:
    check_new_password(password, "ada@example.org", "Ada Lovelace")
