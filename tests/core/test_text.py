"""One-line texts hold nothing invisible, and names no links; what people are really called is taken."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from chalicelib.core.text import INVISIBLE, JOINERS, check_line, check_name, check_text, shown_line, shown_name

NAMES = [
    "Ada Lovelace",
    "J.R.R. Tolkien",
    "St.John",
    "Dr.Smith",
    "Anne-Marie O'Neill",
    "Müller, Lüdenscheid & Co.",
    "李小龍",
    "Jean d'Alembert",
    "María-José Carreño Quiñones",
    "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
    "क्\u200dष",
    "👩\u200d🚀 Zoe",
    "Prof. Dr. h.c. Meier",
    "X Æ A-12",
    "Nguyễn Thị Minh Khai",
    "Bob (room 4/5)",
    "A. B",
    "Smith/Jones",
    "No.1 Guest",
    "Mr.T",
]
LINKS = [
    "Ada https://evil.example",
    "see hxxp://x",
    "www.evil.example",
    "WWW.evil",
    "evil.example/pay",
    "bit.ly/3x",
    "Your refund: evil.com",
    "pay at evil.xyz now",
    "\uff45\uff56\uff49\uff4c\uff0e\uff43\uff4f\uff4d",
    "evil。com",
    "evil.test?x=1",
    "evil.test:8080",
]


@pytest.mark.parametrize("name", NAMES)
def test_what_people_are_called_is_taken(name: str) -> None:
    assert check_name(name) == name
    assert shown_name(name) == name


@pytest.mark.parametrize("name", LINKS)
def test_a_name_that_mail_programs_make_a_link_of_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="without links"):
        check_name(name)
    assert shown_name(name) == "guest"


def test_no_control_format_or_line_character_is_part_of_a_line() -> None:
    for character in map(chr, range(sys.maxunicode + 1)):
        if unicodedata.category(character) in INVISIBLE and character not in JOINERS:
            with pytest.raises(ValueError, match=f"{ord(character):04X}"):
                check_line(f"a{character}b")
            assert shown_line(f"a{character}b") == "a b"


@pytest.mark.parametrize("text", ["\u200cab", "ab\u200d", "a \u200db", "a\u200d\u200db", "\u200d"])
def test_joiners_that_join_nothing_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="200"):
        check_line(text)


@pytest.mark.parametrize("text", ["=?utf-8?q?=0ABcc:x?=", "Pine =?UTF-8?B?QmNj?="])
def test_encoded_words_of_headers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="encoded word"):
        check_line(text)
    assert "=?" not in shown_line(text).lower().replace("= ?", "")[:20]


def test_lines_may_break_in_longer_texts_and_nothing_else_is_hidden_there() -> None:
    assert check_text("one\r\ntwo\tthree") == "one\r\ntwo\tthree"
    with pytest.raises(ValueError, match="001B"):
        check_text("a\x1b[2J")
