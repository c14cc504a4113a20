"""What clients keep for the server, and what they make of it."""

import base64
import hmac
import json

import msgspec
import pytest
from hypothesis import given, strategies

from signaling.tokens import RESUME_LIFETIME, TICKET_LIFETIME, Signer, Ticket

SECRET = b"thirty-two bytes of secret, and more"
NOW = 1_700_000_000.0

SIGNER = Signer(SECRET)

TICKET = Ticket(
    room_id="r",
    name="Tea",
    description="for two",
    private=True,
    history=False,
    max_participants=4,
    created_at=NOW - 60.5,
    host="ann",
    password="digest",
    pin="sfu",
)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forge(
    claims: object, header: object = None, secret: bytes = SECRET, digest: str = "sha256"
) -> str:
    """A token made by hand."""
    signed = f"{part(header or {'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}"
    signature = base64.urlsafe_b64encode(hmac.digest(secret, signed.encode(), digest))
    return f"{signed}.{signature.rstrip(b'=').decode()}"


def test_resume_token_names_its_member_until_it_expires() -> None:
    token = SIGNER.resume_token("ann", NOW)
    assert SIGNER.member_of(token, NOW) == "ann"
    assert SIGNER.member_of(token, NOW + RESUME_LIFETIME - 1) == "ann"
    assert SIGNER.member_of(token, NOW + RESUME_LIFETIME) is None


def test_ticket_of_before_rooms_could_be_pinned() -> None:
    older = msgspec.to_builtins(TICKET)
    del older["pin"]
    assert msgspec.convert(older, Ticket) == msgspec.structs.replace(TICKET, pin=None)


def test_ticket_describes_its_room_until_it_expires() -> None:
    token = SIGNER.ticket(TICKET, NOW)
    assert SIGNER.read_ticket(token, NOW) == TICKET
    assert SIGNER.read_ticket(token, NOW + TICKET_LIFETIME - 1) == TICKET
    assert SIGNER.read_ticket(token, NOW + TICKET_LIFETIME) is None


def test_servers_that_share_the_secret_honour_each_others_tokens() -> None:
    token = SIGNER.resume_token("ann", NOW)
    assert Signer(SECRET).member_of(token, NOW) == "ann"
    assert Signer(SECRET + b"x").member_of(token, NOW) is None


def test_one_token_does_not_stand_for_the_other() -> None:
    assert SIGNER.read_ticket(SIGNER.resume_token("ann", NOW), NOW) is None
    assert SIGNER.member_of(SIGNER.ticket(TICKET, NOW), NOW) is None


CLAIMS = {"use": "resume", "sub": "ann", "exp": int(NOW) + 60}


def test_forgeries_are_made_like_tokens() -> None:
    assert SIGNER.member_of(forge(CLAIMS), NOW) == "ann"


@pytest.mark.parametrize(
    "token",
    [
        forge(CLAIMS, secret=b"another secret of thirty-two bytes"),
        forge(CLAIMS, {"alg": "none"}),
        f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(CLAIMS)}.",
        f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(CLAIMS)}.",
        forge(CLAIMS, {"alg": "HS384"}, digest="sha384"),
        forge(CLAIMS, {"alg": "HS512"}, digest="sha512"),
        forge(CLAIMS, {"alg": "RS256"}),
        forge(CLAIMS, {"alg": "hs256"}),
        forge(CLAIMS, {"typ": "JWT"}),
        forge(CLAIMS, ["HS256"]),
        forge({**CLAIMS, "use": "ticket"}),
        forge({**CLAIMS, "use": None}),
        forge({key: CLAIMS[key] for key in ("sub", "exp")}),
        forge({key: CLAIMS[key] for key in ("use", "exp")}),
        forge({key: CLAIMS[key] for key in ("use", "sub")}),
        forge({**CLAIMS, "exp": int(NOW)}),
        forge({**CLAIMS, "exp": str(int(NOW) + 60)}),
        forge({**CLAIMS, "exp": None}),
        forge({**CLAIMS, "exp": 1e300}),
        forge({**CLAIMS, "sub": 5}),
        forge({**CLAIMS, "sub": ""}),
        forge({**CLAIMS, "sub": "x" * 65}),
        forge("no claims"),
        forge([CLAIMS]),
        "",
        ".",
        "..",
        "a.b.c",
        "a.b.c.d",
        "é.é.é",
        "\0",
        "\ud800.x.x",
        "x" * 4096,
        f"{part({'alg': 'HS256'})}.{'W' * 4000}.x",
        base64.urlsafe_b64encode(b"[" * 3000).decode() + ".x.x",
    ],
)
def test_what_is_no_token(token: str) -> None:
    assert SIGNER.member_of(token, NOW) is None
    assert SIGNER.read_ticket(token, NOW) is None


@pytest.mark.parametrize("room", [None, {}, [], "r", {"roomId": "r"}, {"roomId": 5, "name": "x"}])
def test_ticket_without_a_whole_room(room: object) -> None:
    claims = {"use": "ticket", "exp": int(NOW) + 60, "room": room}
    assert SIGNER.read_ticket(forge(claims), NOW) is None


@given(strategies.text(max_size=200) | strategies.binary(max_size=200).map(lambda b: b.hex()))
def test_garbage_is_no_token(token: str) -> None:
    assert SIGNER.member_of(token, NOW) is None
    assert SIGNER.read_ticket(token, NOW) is None


@given(strategies.data())
def test_changing_one_character_spoils_a_token(data: strategies.DataObject) -> None:
    token = SIGNER.resume_token("ann", NOW)
    place = data.draw(strategies.integers(0, len(token) - 2))
    other = data.draw(strategies.sampled_from("ABCabc012-_."))
    forged = token[:place] + other + token[place + 1 :]
    assert forged == token or SIGNER.member_of(forged, NOW) is None


def test_secret_has_to_be_long() -> None:
    with pytest.raises(ValueError, match="32"):
        Signer(b"x" * 31)
    Signer(b"x" * 32)


def test_password_digest_is_bound_to_room_and_secret() -> None:
    digest = SIGNER.password_digest("r", "p")
    assert digest == SIGNER.password_digest("r", "p")
    others = [
        SIGNER.password_digest("s", "p"),
        SIGNER.password_digest("r", "P"),
        SIGNER.password_digest("r\0p", ""),
        Signer(SECRET + b"x").password_digest("r", "p"),
        SIGNER.password_digest("r", "\ud800"),
    ]
    assert digest not in others
    assert "p" not in digest
