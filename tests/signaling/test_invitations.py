"""Tokens as operators and applications ask for them."""

from typing import Any

import msgspec
import pytest

from signaling.invitations import TokenWish, invite, seconds_of
from signaling.messages.records import Grants
from signaling.messages.wire import ErrorCode, Refused
from signaling.tokens import JoinTokens

NOW = 1_700_000_000.7
TOKENS = JoinTokens(b"a token secret of thirty-two bytes, or more")


def test_a_link_leads_to_the_room_with_the_token_in_its_fragment() -> None:
    wish = TokenWish(room="tea/time?", name=" Ada ", user_id="u7", grants=Grants(data=False))
    made = invite(wish, TOKENS, "id-1", 64, NOW)
    assert made.path == f"/r/tea%2Ftime%3F#token={made.token}"
    assert made.expires == 1_700_007_200
    shown = TOKENS.read(made.token, NOW)
    assert shown.room == "tea/time?"
    assert shown.admission.name == "Ada"
    assert shown.admission.user_id == "u7"
    assert shown.admission.token_id == made.token_id == "id-1"
    assert shown.admission.grants == Grants(data=False)


def test_a_link_for_any_room_leads_to_the_start_page() -> None:
    made = invite(TokenWish(room="*"), TOKENS, "1", 64, NOW)
    assert made.path == f"/#token={made.token}"
    assert TOKENS.read(made.token, NOW).is_for_any


@pytest.mark.parametrize("room", [" ", "a\nb", "a\0", " tea", "tea ", ".", "..", "\u202e"])
def test_rooms_that_no_link_could_name(room: str) -> None:
    with pytest.raises(Refused) as refused:
        invite(TokenWish(room=room), TOKENS, "1", 64, NOW)
    assert refused.value.code is ErrorCode.BAD_MESSAGE


@pytest.mark.parametrize("name", ["", " ", "x" * 9])
def test_names_that_nobody_could_have(name: str) -> None:
    with pytest.raises(Refused) as refused:
        invite(TokenWish(room="tea", name=name), TOKENS, "1", 8, NOW)
    assert refused.value.code is ErrorCode.NAME_INVALID


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"room": ""},
        {"room": "x" * 65},
        {"room": 5},
        {"room": "tea", "ttl": 59},
        {"room": "tea", "ttl": 30 * 86400 + 1},
        {"room": "tea", "ttl": "2h"},
        {"room": "tea", "grants": {"publsh": False}},
        {"room": "tea", "grant": {"publish": False}},
        {"room": "tea", "grants": {"publish": "no"}},
    ],
)
def test_wishes_that_mean_nothing(wish: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wish, TokenWish)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60", 60), ("90s", 90), ("1m", 60), ("90m", 5400), (" 2h ", 7200), ("30d", 30 * 86400)],
)
def test_lifetimes(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "2 h", "-2h", "59", "31d", "1.5h", "2w", "9" * 40, "٣h"])
def test_lifetimes_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="30d"):
        seconds_of(text)
