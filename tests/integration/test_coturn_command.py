"""``crossover coturn`` as an operator runs it."""

from pathlib import Path

import pytest

from tests.integration.test_command import outcome

SECRET = "0123456789abcdef0123456789abcdef"
VARIABLES = {
    "TURN_SERVERS": "turn:turn.example.org",
    "TURN_SECRET": SECRET,
    "CROSSOVER_WORKERS": "1",
    "CROSSOVER_ANNOUNCED_IPS": "10.0.0.7",
}


async def test_prints_the_file_without_its_secret() -> None:
    code, text = await outcome("coturn", variables=VARIABLES)
    assert code == 0
    assert SECRET not in text
    assert "\nrealm=turn.example.org\n" in text
    assert "\nallowed-peer-ip=10.0.0.7\n" in text


async def test_prints_the_secret_when_asked() -> None:
    code, text = await outcome("coturn", "--output", "-", variables=VARIABLES)
    assert code == 0
    assert f"\nstatic-auth-secret={SECRET}\n" in text


async def test_writes_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "turnserver.conf"
    code, text = await outcome(
        "coturn", "--output", str(path), "--relay-ip", "10.0.0.7", variables=VARIABLES
    )
    assert code == 0
    assert SECRET not in text
    assert "chown" in text
    assert path.stat().st_mode & 0o777 == 0o600
    assert f"\nstatic-auth-secret={SECRET}\n" in path.read_text()
    assert "\nrelay-ip=10.0.0.7\n" in path.read_text()


async def test_without_workers_there_is_nobody_to_except() -> None:
    code, text = await outcome("coturn", variables={**VARIABLES, "CROSSOVER_WORKERS": "0"})
    assert code == 0
    assert "allowed-peer-ip" not in text


@pytest.mark.parametrize(
    ("arguments", "variables", "named"),
    [
        ([], {"TURN_SERVERS": ""}, "TURN_SERVERS is empty"),
        ([], {"TURN_SERVERS": "turns:turn.example.org"}, "--certificate"),
        ([], {"TURN_SECRET": "", "TURN_USERNAME": "u", "TURN_CREDENTIAL": "c"}, "TURN_SECRET"),
        ([], {"TURN_SECRET": f"{SECRET} {SECRET}"}, "TURN_SECRET"),
        (["--turn-servers", "http://x"], {}, "--turn-servers"),
        (["--output", "/proc/nowhere/turnserver.conf"], {}, "cannot be written"),
        (["--realm", "a b"], {}, "--realm"),
    ],
)
async def test_what_cannot_be(arguments: list[str], variables: dict[str, str], named: str) -> None:
    code, text = await outcome("coturn", *arguments, variables={**VARIABLES, **variables})
    assert code == 2
    assert named in text
    assert SECRET not in text
    assert "Traceback" not in text
