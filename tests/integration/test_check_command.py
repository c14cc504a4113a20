"""``crossover check`` as an operator runs it: real ports, real servers."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_command import command, outcome, ready
from tests.support.coturn import SECRET, Coturn, free_port, needs_coturn

SECRETS = {
    "TURN_SECRET": SECRET,
    "CROSSOVER_SECRET": "the-signing-secret-of-this-very-test",
    "CROSSOVER_ADMIN_TOKEN": "the-admin-token",
}


class Report:
    """What `--json` printed, by subject."""

    def __init__(self, code: int, text: str) -> None:
        self.code, self.text = code, text
        said: dict[str, Any] = json.loads(text)
        self.status: str = said["status"]
        self.findings: list[dict[str, str]] = said["findings"]

    def levels(self, subject: str) -> list[str]:
        """Of all findings whose subject begins so."""
        found = [one["level"] for one in self.findings if one["subject"].startswith(subject)]
        assert found, f"nothing about {subject} in {self.text}"
        return found

    def words(self, subject: str) -> str:
        return " ".join(
            f"{one['found']} {one['advice']}"
            for one in self.findings
            if one["subject"].startswith(subject)
        )


async def check(state: Path, *arguments: str, **variables: str) -> Report:
    environment = {
        "CROSSOVER_STATE_DIR": str(state),
        "CROSSOVER_HOST": "127.0.0.1",
        "CROSSOVER_PORT": str(free_port()),
        "CROSSOVER_SFU_PORT": "0",
        **variables,
    }
    return Report(*await outcome("check", "--json", *arguments, variables=environment))


async def test_a_healthy_machine(tmp_path: Path) -> None:
    report = await check(tmp_path, CROSSOVER_WORKERS="1")
    assert report.levels("TCP port") == ["ok"]
    assert report.levels("UDP port") == ["ok"]
    assert report.levels("uvloop") == ["ok"]
    assert report.levels("signing secret") == ["ok"]
    assert report.levels("announced")
    assert not (tmp_path / "secret").exists(), "a check changes nothing"
    assert report.code == int(report.status == "fail")
    for one in report.findings:
        assert one["found"].endswith(".")
        assert bool(one["advice"]) is (one["level"] != "ok")


async def test_ports_that_others_have(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as stream,
        socket.socket(type=socket.SOCK_DGRAM) as datagrams,
    ):
        datagrams.bind(("127.0.0.1", 0))
        report = await check(
            tmp_path,
            CROSSOVER_WORKERS="1",
            CROSSOVER_PORT=str(stream.getsockname()[1]),
            CROSSOVER_SFU_HOST="127.0.0.1",
            CROSSOVER_SFU_PORT=str(datagrams.getsockname()[1]),
        )
    assert (report.code, report.status) == (1, "fail")
    assert report.levels("TCP port") == ["fail", "ok"], "signaling's, and the SFU's"
    assert report.levels("UDP port") == ["fail"]
    assert "CROSSOVER_PORT" in report.words("TCP port")
    assert report.levels("announced addresses") == ["fail"], "loopback only"


async def test_beside_a_server_that_runs(tmp_path: Path) -> None:
    variables = {
        "CROSSOVER_STATE_DIR": str(tmp_path),
        "CROSSOVER_HOST": "127.0.0.1",
        "CROSSOVER_PORT": str(free_port()),
    }
    async with command("serve", variables=variables) as process:
        await ready(process)
        report = await check(tmp_path, **variables)
        assert report.levels("TCP port") == ["ok"]
        assert "serves there already" in report.words("TCP port")
        assert report.levels("SFU") == ["warn"]
        process.terminate()
        await process.communicate()


@needs_coturn
async def test_turn_that_works_and_one_that_is_down(tmp_path: Path) -> None:
    for folder in ("up", "down", "state"):
        (tmp_path / folder).mkdir(mode=0o700)
    up, down = Coturn(tmp_path / "up", announced=("10.9.8.7",)), Coturn(tmp_path / "down")
    up.start()
    try:
        urls = [*up.urls.values(), down.urls["tcp"], "turn:turn.invalid", "turn:[nowhere"]
        variables = {
            **SECRETS,
            "TURN_SERVERS": ",".join(urls),
            "STUN_SERVERS": f"stun:127.0.0.1:{up.port}",
            "CROSSOVER_WORKERS": "1",
            "CROSSOVER_ANNOUNCED_IPS": "10.9.8.7,10.9.8.8",
        }
        report = await check(tmp_path / "state", **variables)
        assert (report.code, report.status) == (1, "fail")
        assert report.levels("STUN stun:") == ["ok"]
        for url in up.urls.values():
            # Our credentials are taken; one of the two announced addresses is denied.
            assert report.levels(f"TURN {url}") == (
                ["ok", "fail"] if url != up.urls["udp"] else ["ok", "fail"] * 2
            )
            assert "10.9.8.8" in report.words(f"TURN {url}")
            assert "10.9.8.7" not in report.words(f"TURN {url}")
        assert report.levels(f"TURN {down.urls['tcp']}") == ["fail"]
        assert "resolved" in report.words("TURN turn:turn.invalid")
        assert "no IPv6 address" in report.words("TURN turn:[nowhere")
        assert report.levels("certificate") == ["fail"]
        assert "self-signed" in report.words("certificate")

        wrong = await check(tmp_path / "state", **{**variables, "TURN_SECRET": "x" * 40})
        assert "401" in wrong.words(f"TURN {up.urls['tls']}")
        for secret in SECRETS.values():
            assert secret not in report.text
    finally:
        up.stop()


async def test_the_table_says_the_same_in_words(tmp_path: Path) -> None:
    variables = {
        **SECRETS,
        "CROSSOVER_STATE_DIR": str(tmp_path / "none"),
        "CROSSOVER_PORT": str(free_port()),
        "CROSSOVER_TRUSTED_PROXIES": "0.0.0.0/0",
    }
    code, text = await outcome("check", variables=variables)
    assert code == 1
    assert "X-Forwarded-For" in text
    assert "→" in text
    assert "1 failures" in text or "2 failures" in text
    for secret in SECRETS.values():
        assert secret not in text


@pytest.mark.parametrize(
    ("arguments", "named"), [(["--port", "http"], "--port"), (["--expect", "0"], "--expect")]
)
async def test_wrong_settings(arguments: list[str], named: str) -> None:
    code, text = await outcome("check", *arguments)
    assert code == 2
    assert named in text
    assert "Traceback" not in text
