"""Join tokens: what is one, what is none, and what is said about it."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given, strategies

from signaling.grants import GUEST, Admission
from signaling.messages.records import Grants
from signaling.messages.wire import ErrorCode, Refused
from signaling.tokens import (
    LEEWAY,
    LONGEST_TOKEN_LIFETIME,
    RETURN_LIFETIME,
    TICKET_LIFETIME,
    JoinClaims,
    JoinTokens,
    Signer,
    Ticket,
)

SECRET = b"a token secret of thirty-two bytes, or more"
NOW = 1_700_000_000.0
TOKENS = JoinTokens(SECRET)
CLAIMS: dict[str, Any] = {
    "iss": "crossover",
    "aud": "crossover-join",
    "room": "tea",
    "exp": int(NOW) + 60,
}
NOT_VALID = "This invitation is not valid here; ask for a new one."


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def made(claims: object, header: object = None, secret: bytes = SECRET, by: str = "sha256") -> str:
    """A token as an application in any language would make it."""
    signed = f"{part(header or {'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}"
    signature = base64.urlsafe_b64encode(hmac.digest(secret, signed.encode(), by))
    return f"{signed}.{signature.rstrip(b'=').decode()}"


def refusal(token: str, now: float = NOW) -> str:
    with pytest.raises(Refused) as refused:
        TOKENS.read(token, now)
    assert refused.value.code is ErrorCode.TOKEN_INVALID
    return refused.value.message


def test_says_who_may_do_what_where() -> None:
    said = JoinClaims(
        room="tea",
        exp=int(NOW) + 60,
        nbf=int(NOW),
        sub="user-7",
        name="Ada",
        grants=Grants(publish=False, moderate=True),
        jti="7",
    )
    shown = TOKENS.read(TOKENS.mint(said), NOW)
    assert shown.room == "tea"
    assert shown.admission == Admission(
        grants=Grants(publish=False, moderate=True),
        user_id="user-7",
        name="Ada",
        token_id="7",
        expires=int(NOW) + 60,
    )


def test_one_made_elsewhere_says_as_much_as_it_has_to() -> None:
    shown = TOKENS.read(made(CLAIMS), NOW)
    assert shown.room == "tea"
    assert shown.admission == Admission(expires=int(NOW) + 60)
    few = TOKENS.read(made({**CLAIMS, "grants": {"data": False}, "custom": [1]}), NOW)
    assert few.admission.grants == Grants(data=False)


@pytest.mark.parametrize(
    ("claims", "offset", "sentence"),
    [
        ({}, LEEWAY + 59, None),
        ({}, LEEWAY + 60, "expired"),
        ({"exp": 0}, 0, "expired"),
        ({"exp": -(10**18)}, 0, "expired"),
        ({"exp": int(NOW + LONGEST_TOKEN_LIFETIME)}, 0, None),
        ({"exp": int(NOW + LONGEST_TOKEN_LIFETIME + LEEWAY) + 1}, 0, "30 days"),
        ({"exp": 1 << 62}, 0, "30 days"),
        ({"nbf": int(NOW + LEEWAY)}, 0, None),
        ({"nbf": int(NOW + LEEWAY) + 1}, 0, "not valid yet"),
        ({"iat": int(NOW) + 1000}, 0, None),
    ],
)
def test_has_its_time(claims: dict[str, object], offset: float, sentence: str | None) -> None:
    token = made({**CLAIMS, **claims})
    if sentence is None:
        assert TOKENS.read(token, NOW + offset).room == "tea"
    else:
        assert sentence in refusal(token, NOW + offset)


@pytest.mark.parametrize(
    "claims",
    [
        {**CLAIMS, "iss": "somebody"},
        {**CLAIMS, "aud": "resume"},
        {**CLAIMS, "room": None},
        {**CLAIMS, "room": ""},
        {**CLAIMS, "room": "x" * 65},
        {**CLAIMS, "room": ["tea"]},
        {**CLAIMS, "exp": None},
        {**CLAIMS, "exp": str(int(NOW) + 60)},
        {**CLAIMS, "exp": NOW + 60.5},
        {**CLAIMS, "exp": True},
        {**CLAIMS, "nbf": "now"},
        {**CLAIMS, "sub": 7},
        {**CLAIMS, "sub": ""},
        {**CLAIMS, "name": ""},
        {**CLAIMS, "name": "x" * 257},
        {**CLAIMS, "jti": ["1"]},
        {**CLAIMS, "grants": []},
        {**CLAIMS, "grants": None},
        {**CLAIMS, "grants": {"publish": "no"}},
        {**CLAIMS, "grants": {"publish": 0}},
        {**CLAIMS, "grants": {"publsh": False}},
        *[{k: v for k, v in CLAIMS.items() if k != missing} for missing in CLAIMS],
        "no claims",
        [CLAIMS],
    ],
)
def test_that_says_something_else_says_nothing(claims: object) -> None:
    assert refusal(made(claims)) == NOT_VALID


@pytest.mark.parametrize(
    "token",
    [
        made(CLAIMS, secret=b"another secret of thirty-two bytes"),
        made(CLAIMS, {"alg": "none"}),
        f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(CLAIMS)}.",
        f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(CLAIMS)}.",
        made(CLAIMS, {"alg": "HS384"}, by="sha384"),
        made(CLAIMS, {"alg": "HS512"}, by="sha512"),
        made(CLAIMS, {"alg": "RS256"}),
        made(CLAIMS, {"alg": "hs256"}),
        made(CLAIMS, {"typ": "JWT"}),
        made({**CLAIMS, "exp": 0}, secret=b"another secret of thirty-two bytes"),
        made({**CLAIMS, "pad": "x" * 2048}),
        Signer(SECRET).resume_token("ann", NOW),
        Signer(SECRET).join_tokens.mint(JoinClaims(room="tea", exp=int(NOW) + 60)),
        "",
        "..",
        "a.b.c",
        "é.é.é",
        "\ud800.x.x",
        "\0",
        "x" * 100_000,
        base64.urlsafe_b64encode(b"[" * 1400).decode() + ".x.x",
    ],
)
def test_forgery_is_told_nothing(token: str) -> None:
    assert refusal(token) == NOT_VALID


def test_servers_with_one_secret_honour_each_others() -> None:
    token = Signer(SECRET).join_tokens.mint(JoinClaims(room="tea", exp=int(NOW) + 60))
    assert Signer(SECRET).join_tokens.read(token, NOW).room == "tea"
    own = Signer(b"another secret of thirty-two bytes", SECRET).join_tokens
    assert own.read(made(CLAIMS), NOW).room == "tea"


def test_is_nothing_else() -> None:
    """The derived secret is another than the server's, and no token stands for another kind."""
    signer = Signer(SECRET, SECRET)
    token = signer.join_tokens.mint(JoinClaims(room="tea", sub="ann", exp=int(NOW) + 60))
    assert signer.member_of(token, NOW) is None
    assert signer.read_ticket(token, NOW) is None
    for other in (signer.resume_token("ann", NOW), made({**CLAIMS, "use": "resume", "sub": "a"})):
        if signer.member_of(other, NOW) is None:
            continue
        with pytest.raises(Refused):
            signer.join_tokens.read(other, NOW)


def test_secret_has_to_be_long() -> None:
    with pytest.raises(ValueError, match="32"):
        JoinTokens(b"x" * 31)
    with pytest.raises(ValueError, match="32"):
        Signer(SECRET, b"x" * 31)


@given(strategies.text(max_size=300) | strategies.binary(max_size=200).map(bytes.hex))
def test_garbage(token: str) -> None:
    assert refusal(token) == NOT_VALID


@given(strategies.data())
def test_changing_one_character_spoils_it(data: strategies.DataObject) -> None:
    token = made(CLAIMS)
    place = data.draw(strategies.integers(0, len(token) - 2))
    other = data.draw(strategies.sampled_from("ABCabc012-_."))
    forged = token[:place] + other + token[place + 1 :]
    assert forged == token or refusal(forged) == NOT_VALID


JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(),
    lambda inner: strategies.lists(inner) | strategies.dictionaries(strategies.text(), inner),
    max_leaves=8,
)


@given(
    strategies.dictionaries(
        strategies.sampled_from(
            ["room", "exp", "nbf", "sub", "name", "grants", "jti", "iss", "aud"]
        ),
        JSON,
    )
)
def test_anything_signed(claims: dict[str, object]) -> None:
    """Whatever an application signs by mistake is read as what it says, or refused."""
    token = made({**CLAIMS, **claims})
    try:
        shown = TOKENS.read(token, NOW)
    except Refused as refused:
        assert refused.code is ErrorCode.TOKEN_INVALID
    else:
        assert shown.room == {**CLAIMS, **claims}["room"]
        assert abs(shown.admission.expires - NOW) <= LONGEST_TOKEN_LIFETIME + LEEWAY


# ---- grants ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grants", "restricted", "moderates"),
    [
        (Grants(), False, False),
        (Grants(publish=False), True, False),
        (Grants(subscribe=False), True, False),
        (Grants(data=False), True, False),
        (Grants(moderate=True), False, True),
        (Grants(admin=True), False, True),
        (Grants(publish=False, admin=True), True, True),
    ],
)
def test_grants(grants: Grants, restricted: bool, moderates: bool) -> None:
    admission = Admission(grants=grants)
    assert (admission.is_restricted, admission.moderates) == (restricted, moderates)
    has = {
        "publish": grants.publish,
        "subscribe": grants.subscribe,
        "data": grants.data,
        "moderate": moderates,
        "admin": grants.admin,
    }
    for grant, granted in has.items():
        if granted:
            admission.require(grant)
        else:
            with pytest.raises(Refused) as refused:
                admission.require(grant)
            assert refused.value.code is ErrorCode.NOT_PERMITTED


# ---- tickets that carry them -------------------------------------------------------------


def ticket(admission: Admission | None) -> Ticket:
    return Ticket(
        room_id="r",
        name="Tea",
        description="",
        private=True,
        history=True,
        max_participants=0,
        created_at=NOW,
        host="ann",
        password=None,
        bearer=None if admission is None else "bob",
        admission=admission,
    )


@pytest.mark.parametrize(
    ("expires", "lasts"),
    [
        (NOW + 60, RETURN_LIFETIME),
        (NOW + 2 * RETURN_LIFETIME, 2 * RETURN_LIFETIME),
        (NOW + LONGEST_TOKEN_LIFETIME, TICKET_LIFETIME),
    ],
)
def test_ticket_of_a_bearer_lasts_as_its_token_but_a_day_at_least(
    expires: float, lasts: float
) -> None:
    signer, admission = Signer(SECRET), Admission(grants=Grants(data=False), expires=int(expires))
    signed = signer.ticket(ticket(admission), NOW)
    read = signer.read_ticket(signed, NOW + lasts - 1)
    assert read is not None
    assert read.admits("bob") == admission
    assert read.admits("eve") is None
    assert signer.read_ticket(signed, NOW + lasts) is None


def test_ticket_of_a_guest_admits_nobody_by_a_token() -> None:
    signer = Signer(SECRET)
    read = signer.read_ticket(signer.ticket(ticket(None), NOW), NOW + TICKET_LIFETIME - 1)
    assert read is not None
    assert read.admits("bob") is None
    assert GUEST.expires == 0


def test_derived_secret_is_separate() -> None:
    """Who knows the derived secret does not know the server's."""
    derived = hmac.digest(SECRET, b"crossover join tokens, version 1", hashlib.sha256)
    token = made(CLAIMS, secret=derived)
    assert Signer(SECRET).join_tokens.read(token, NOW).room == "tea"
