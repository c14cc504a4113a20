"""STUN and TURN servers, and credentials that expire."""

from signaling.ice_servers import IceConfig
from signaling.messages.wire import IceServer

STUN, TURN = ("stun:stun.example:3478",), ("turn:turn.example:3478", "turns:turn.example:5349")


def test_none_are_configured() -> None:
    assert IceConfig().servers_for("ann", 0.0) == []
    assert IceConfig().expires_after == 0


def test_stun_needs_no_credentials() -> None:
    config = IceConfig(stun_urls=STUN, secret="s")
    assert config.servers_for("ann", 0.0) == [IceServer(urls=list(STUN))]
    assert config.expires_after == 0


def test_shared_credentials_last_for_ever() -> None:
    config = IceConfig(turn_urls=TURN, username="u", credential="c")
    shared = IceServer(urls=list(TURN), username="u", credential="c")
    assert config.servers_for("ann", 0.0) == [shared]
    assert config.expires_after == 0


def test_credentials_of_ones_own() -> None:
    """The vector is what ``openssl dgst -sha1 -hmac north -binary | base64`` says."""
    config = IceConfig(stun_urls=STUN, turn_urls=TURN, secret="north", ttl=86400)
    stun, turn = config.servers_for("ann", 1_433_809_088.9)
    assert stun.urls == list(STUN)
    assert turn.username == "1433895488:ann"
    assert turn.credential == "AnDzpcegn/KZZTpp9rYTEfgp3RU="
    assert config.expires_after == 86400


def test_secret_counts_before_shared_credentials() -> None:
    config = IceConfig(turn_urls=TURN, username="u", credential="c", secret="s", ttl=60)
    (turn,) = config.servers_for("ann", 100.0)
    assert turn.username == "160:ann"
    assert turn.credential not in {"c", "s"}


def test_credentials_differ_between_members_and_times() -> None:
    config = IceConfig(turn_urls=TURN, secret="s")
    given = [config.servers_for(who, at)[0] for who in ("ann", "bob") for at in (0.0, 1.0)]
    assert len({server.credential for server in given}) == 4
