"""Names: one form to store, one to compare."""

import sys
import unicodedata

import pytest
from hypothesis import given, strategies

from signaling import names
from signaling.messages.wire import ErrorCode, Refused

FAMILY = "👨\u200d👩\u200d👧\u200d👦"

NOTEWORTHY = [
    character
    for character in map(chr, range(sys.maxunicode + 1))
    if unicodedata.category(character) not in {"Lo", "Cn", "Co"}
    or not unicodedata.is_normalized("NFKC", character)
]
"""All but letters without case, which are as they are."""


def clean(text: str) -> str:
    return names.clean(text, 64)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ann", "Ann"),
        ("  Ann \t\n Lee  ", "Ann Lee"),
        ("Ann\u00a0Lee", "Ann Lee"),
        ("\uff21\uff4e\uff4e", "Ann"),
        ("e\u0301", "é"),
        ("ﬁne", "fine"),
        ("A\0n\x1bn", "Ann"),
        ("A\u200bn\ufeffn", "Ann"),
        ("\u202eAnn\u202c", "Ann"),
        ("\u2066Ann\u2069", "Ann"),
        ("A\ud800nn", "Ann"),
        ("e\u00ad\u0301", "é"),
        (FAMILY, FAMILY),
        ("क्\u200dष", "क्\u200dष"),
        ("<b>Ann</b>", "<b>Ann</b>"),
        ("__proto__", "__proto__"),
    ],
)
def test_form_that_is_stored(text: str, name: str) -> None:
    assert clean(text) == name


@pytest.mark.parametrize(
    "text",
    ["", " ", "\t\r\n", "\0", "\u202e\u202c", "\ufeff", "\ud800", "\u200d", "\u200d \u200d",
     "\u3164", "\uffa0", "\u115f", "\ufe0f", "\u034f", "\u00a0\u2003"],
)  # fmt: skip
def test_nothing_that_shows(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        names.clean(text, 64, "room's name")
    assert refusal.value.code is ErrorCode.NAME_INVALID
    assert refusal.value.message == "The room's name is empty."


def test_length_is_that_of_the_form_that_is_stored() -> None:
    assert names.clean(" " * 100 + "x" * 8, 8) == "x" * 8
    assert names.clean("e\u0301" * 8, 8) == "é" * 8
    for text in ("x" * 9, "\ufdfa"):
        with pytest.raises(Refused) as refusal:
            names.clean(text, 8)
        assert refusal.value.code is ErrorCode.NAME_INVALID
        assert "8" in refusal.value.message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann", "ANN"),
        ("Straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Zoe\u0308", "Zoë"),
        ("Ann", "Ann\u200d"),
        ("Ann", "A\u200dnn"),
        ("❤", "❤\ufe0f"),
        ("ǰ", "J\u030c"),
    ],
)
def test_same_to_a_reader(one: str, other: str) -> None:
    assert names.key(clean(one)) == names.key(clean(other))


@pytest.mark.parametrize(("one", "other"), [("Ann", "Anna"), ("Zoe", "Zoë"), ("o", "0")])
def test_not_the_same_to_a_reader(one: str, other: str) -> None:
    assert names.key(clean(one)) != names.key(clean(other))


def test_every_noteworthy_character_by_itself() -> None:
    for character in NOTEWORTHY:
        try:
            name = clean(f"a{character}b")
        except Refused:  # it decomposes into very many
            continue
        assert not {unicodedata.category(c) for c in name} & {"Cc", "Cs", "Zl", "Zp"}
        assert not [c for c in name if unicodedata.category(c) == "Cf" and c != "\u200d"]
        assert unicodedata.is_normalized("NFKC", name)
        assert clean(name) == name


@given(strategies.text(strategies.characters(), max_size=40))
def test_form_is_stable_and_so_is_its_key(text: str) -> None:
    try:
        name = names.clean(text, 10_000)
    except Refused:
        return
    assert names.clean(name, 10_000) == name
    assert name == " ".join(name.split())
    name.encode()
    assert names.key(names.clean(name.swapcase(), 10_000)) is not None
    assert names.key(name) == names.key(names.clean(f" {name}\u200b ", 10_000))
