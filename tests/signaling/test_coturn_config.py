"""The file that coturn is told to follow."""

import ipaddress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.config import SETTINGS, ConfigError, Settings, load
from signaling.coturn_config import DENIED, CoturnOptions, turnserver_conf

SECRET = "0123456789abcdef0123456789abcdef"
PLAIN = "turn:turn.example.org"
TLS = "turns:turn.example.org:443?transport=tcp"
CERTIFIED = CoturnOptions(certificate="/etc/turn/chain.pem", key="/etc/turn/key.pem")


def settings(**given: str) -> Settings:
    chosen = {"turn_servers": PLAIN, "turn_secret": SECRET, **given}
    return load({}, {one.name: chosen.get(one.name) for one in SETTINGS})


def lines(
    given: Settings, options: CoturnOptions | None = None, *announced: str
) -> dict[str, list[str]]:
    """What is set, by name, as coturn reads it."""
    text = turnserver_conf(given, options or CoturnOptions(), announced, with_secret=True)
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def complaint(given: Settings, options: CoturnOptions | None = None) -> str:
    with pytest.raises(ConfigError) as error:
        lines(given, options)
    assert given.ice.secret == "" or given.ice.secret not in str(error.value)
    return str(error.value)


def test_a_plain_server() -> None:
    found = lines(settings())
    assert found["static-auth-secret"] == [SECRET]
    assert found["realm"] == ["turn.example.org"]
    assert found["listening-port"] == ["3478"]
    assert (found["min-port"], found["max-port"]) == (["49152"], ["65535"])
    assert found["total-quota"] == ["16384"]
    for switch in ("use-auth-secret", "fingerprint", "no-cli", "no-tls", "no-dtls"):
        assert found[switch] == [""]
    for switch in ("no-tcp-relay", "no-multicast-peers"):
        assert found[switch] == [""]
    assert found["stale-nonce"] == ["600"]
    assert found["log-file"] == ["stdout"]
    for absent in ("lt-cred-mech", "no-auth", "user", "allow-loopback-peers", "allowed-peer-ip"):
        assert absent not in found


def test_ports_are_those_that_browsers_are_told() -> None:
    found = lines(
        settings(turn_servers=f"{PLAIN}:8000,{PLAIN}:8000?transport=tcp,{TLS}"), CERTIFIED
    )
    assert found["listening-port"] == ["8000"]
    assert found["tls-listening-port"] == ["443"]
    assert (found["cert"], found["pkey"]) == ([CERTIFIED.certificate], [CERTIFIED.key])
    assert "no-tls" not in found
    assert {"no-dtls", "no-tlsv1", "no-tlsv1_1"} <= set(found)
    found = lines(settings(turn_servers="turns:turn.example.org?transport=udp"), CERTIFIED)
    assert "no-dtls" not in found
    assert found["listening-port"] == ["3478"]


@pytest.mark.parametrize(
    ("urls", "named"),
    [
        ("", "TURN_SERVERS is empty"),
        (TLS, "--certificate"),
        ("turn:a:1,turn:b:2", "1 and 2"),
        ("turn://a", "TURN_SERVERS"),
        ("turn:a:port", "'port' is no port"),
    ],
)
def test_servers_that_cannot_be(urls: str, named: str) -> None:
    assert named in complaint(settings(turn_servers=urls))


def test_two_tls_ports_cannot_be() -> None:
    assert "turns:" in complaint(settings(turn_servers="turns:a:443,turns:a:444"), CERTIFIED)


def test_a_secret_is_needed() -> None:
    shared = settings(turn_secret="", turn_username="u", turn_credential="c")
    assert "TURN_SECRET is empty" in complaint(shared)


@pytest.mark.parametrize(
    "secret", ['with "quotation marks"', '"', "two words", "line\nno-auth", "ünïcode", "x" * 513]
)
def test_a_secret_that_coturn_would_read_otherwise(secret: str) -> None:
    given = settings()
    assert "openssl" in complaint(replace(given, ice=replace(given.ice, secret=secret)))


@given(secret=st.text(max_size=40), realm=st.text(max_size=40), path=st.text(max_size=40))
def test_no_value_becomes_a_line_of_its_own(secret: str, realm: str, path: str) -> None:
    given_settings = settings(turn_servers=TLS)
    with_secret = replace(given_settings, ice=replace(given_settings.ice, secret=secret))
    options = CoturnOptions(realm=realm, certificate=path, key=path)
    expected = set(lines(given_settings, CERTIFIED))
    try:
        found = lines(with_secret, options)
    except ConfigError:
        return
    assert set(found) == expected
    assert found["static-auth-secret"] == [secret]
    assert found["pkey"] == [path]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (CoturnOptions(min_port=80), "--min-port"),
        (CoturnOptions(min_port=50000, max_port=50000), "--max-port"),
        (CoturnOptions(max_port=65536), "--max-port"),
        (CoturnOptions(user_quota=-1), "--user-quota"),
        (CoturnOptions(listening_ips=("here",)), "--listening-ip"),
        (CoturnOptions(relay_ips=("10.0.0.0/8",)), "--relay-ip"),
        (CoturnOptions(external_ips=("8.8.8.8/there",)), "--external-ip"),
        (CoturnOptions(allowed_peers=("10.0.0.0-10.255.255.255",)), "--allow-peer"),
        (CoturnOptions(realm="two words"), "--realm"),
    ],
)
def test_options_that_cannot_be(options: CoturnOptions, named: str) -> None:
    assert named in complaint(settings(), options)


def test_addresses_are_passed_on() -> None:
    options = CoturnOptions(
        listening_ips=("192.0.2.1", "2001:db8::1"),
        relay_ips=("10.0.0.7",),
        external_ips=("198.51.100.7/10.0.0.7", "8.8.8.8"),
        min_port=50000,
        max_port=50099,
        user_quota=7,
    )
    found = lines(settings(), options)
    assert found["listening-ip"] == ["192.0.2.1", "2001:db8::1"]
    assert found["relay-ip"] == ["10.0.0.7"]
    assert found["external-ip"] == ["198.51.100.7/10.0.0.7", "8.8.8.8"]
    assert found["total-quota"] == ["100"]
    assert found["user-quota"] == ["7"]


def test_a_member_has_allocations_for_a_whole_mesh_twice() -> None:
    found = lines(settings(mesh_cap="8", turn_servers=f"{PLAIN},{PLAIN}?transport=tcp"))
    assert found["user-quota"] == [str(2 * (7 + 2) * 2 * 2)]


def test_only_private_addresses_of_the_sfu_are_excepted() -> None:
    options = CoturnOptions(relay_ips=("10.0.0.7",), allowed_peers=("192.168.1.9", "8.8.8.8"))
    found = lines(settings(), options, "10.0.0.7", "198.51.100.1", "9.9.9.9", "fd00::7", "2a00::1")
    assert found["allowed-peer-ip"] == ["10.0.0.7", "198.51.100.1", "fd00::7", "192.168.1.9"]


NOT_PUBLIC = [
    *("10.1.2.3", "127.0.0.1", "169.254.169.254", "192.168.0.1", "100.64.0.1", "224.0.0.1"),
    *("0.0.0.0", "255.255.255.255", "::1", "::ffff:10.0.0.1", "fd00::1", "fe80::1", "ff02::1"),
    *("64:ff9b::a00:1", "2002:a00:1::"),
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_public_is_denied(address: str) -> None:
    asked = ipaddress.ip_address(address)
    for value in lines(settings())["denied-peer-ip"]:
        first, _, last = value.partition("-")
        ends = [ipaddress.ip_address(first), ipaddress.ip_address(last or first)]
        if ends[0].version == asked.version and int(ends[0]) <= int(asked) <= int(ends[1]):
            return
    pytest.fail(f"{address} would be relayed to")


def test_everything_python_knows_as_private_is_denied() -> None:
    """Python's table is IANA's: each of its networks lies in one of ours."""
    for version in (ipaddress.IPv4Address, ipaddress.IPv6Address):
        known = version("::" if version is ipaddress.IPv6Address else "0.0.0.0")
        networks = known._constants._private_networks  # type: ignore[union-attr]
        for network in networks:
            if network == ipaddress.ip_network("::/128"):
                continue  # coturn would take it for all addresses
            assert any(
                network.version == ours.version and network.subnet_of(ours) for ours, _ in DENIED
            ), network


def test_the_secret_is_shown_when_asked_only() -> None:
    text = turnserver_conf(settings(), CoturnOptions(), (), with_secret=False)
    assert SECRET not in text
    assert "\nstatic-auth-secret" not in text
    assert "--output" in text
