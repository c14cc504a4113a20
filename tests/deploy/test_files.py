"""What can be known of the container, compose and service files by reading them."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from signaling.config import SETTINGS

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = ROOT / "Dockerfile"
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
PLACES = [
    DOCKERFILE,
    ROOT / "compose.yaml",
    *(path for path in sorted((ROOT / "deploy").rglob("*")) if path.is_file()),
]
VARIABLES = {variable for setting in SETTINGS for variable in setting.variables}
DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, continued lines joined, comments left out."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    split = [line.strip().split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [(word.upper(), rest) for word, rest in split]


def last_stage() -> list[tuple[str, str]]:
    found = instructions()
    start = max(number for number, (word, _) in enumerate(found) if word == "FROM")
    return found[start:]


@pytest.mark.parametrize("path", PLACES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_variable_exists(path: Path) -> None:
    named = set(re.findall(r"\bCROSSOVER_[A-Z][A-Z_]*[A-Z]\b", path.read_text()))
    assert named <= VARIABLES


# ---- Dockerfile --------------------------------------------------------------------------------


def test_image_runs_as_a_fixed_user_who_is_not_root() -> None:
    [user] = [rest for word, rest in last_stage() if word == "USER"]
    assert re.fullmatch(r"\d{5}:\d{5}", user)


def test_image_says_how_it_is_started_looked_at_and_ended() -> None:
    said = dict(last_stage())
    assert said["ENTRYPOINT"].startswith('["tini", "--"')
    assert said["CMD"] == '["serve"]'
    assert said["STOPSIGNAL"] == "SIGTERM"
    assert "curl" not in said["HEALTHCHECK"]
    assert "health.py" in said["HEALTHCHECK"]
    assert {"LABEL", "EXPOSE", "VOLUME"} <= set(said)


def test_packages_come_from_the_lock_by_their_hashes() -> None:
    commands = [rest for word, rest in instructions() if word == "RUN"]
    installs = [part for rest in commands for part in rest.split("&&") if " install " in part]
    python = [part for part in installs if "/pip" in part]
    assert len(python) == 3
    for part in python:
        own = "wheel/*.whl" in part
        assert own == ("--no-deps" in part and "--require-hashes" not in part), part
        assert own or "--require-hashes" in part, part
    assert any("pip wheel --no-deps --no-build-isolation" in rest for rest in commands)
    assert any("npm ci" in rest for rest in commands)
    assert not any("npm install" in rest for rest in commands)


def test_base_images_are_named_by_tag() -> None:
    bases = [rest for word, rest in instructions() if word == "ARG"]
    assert len(bases) == 2
    for base in bases:
        assert re.fullmatch(r"\w+_IMAGE=\S+/\S+:[\w.-]+", base)
        assert not base.endswith(":latest")


def test_no_secret_is_in_the_image() -> None:
    secret = {name for one in SETTINGS if one.secret for name in one.variables}
    settings = " ".join(rest for word, rest in instructions() if word in {"ENV", "ARG", "RUN"})
    assert not secret & set(re.findall(r"\w+", settings))


def test_only_what_is_needed_is_sent_to_the_build() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule.removeprefix("!").rstrip("/") for rule in rules if rule.startswith("!")}
    copied = [
        source.rstrip("/")
        for word, rest in instructions()
        if word == "COPY" and "--from" not in rest
        for source in rest.split()[:-1]
    ]
    for source in copied:
        assert (ROOT / source).exists()
        assert any(source == one or source.startswith(f"{one}/") for one in allowed), source


# ---- compose -----------------------------------------------------------------------------------


def test_services_have_what_they_need_and_no_more() -> None:
    services = compose()["services"]
    assert {"crossover", "coturn", "caddy", "prometheus", "grafana"} <= set(services)
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert set(service.get("cap_add", [])) <= {"NET_BIND_SERVICE"}, name
        assert service["network_mode"] == "host", name
        once = name == "coturn-configuration"
        assert service["restart"] == ("no" if once else "unless-stopped"), name
        if "build" not in service:
            assert re.fullmatch(r"\S+/\S+:v?\d[\w.-]*", service["image"]), name
    for name in ("prometheus", "grafana"):
        assert services[name]["profiles"] == ["monitoring"]


def test_secrets_are_files_and_nowhere_else() -> None:
    loaded = compose()
    secret = {name for one in SETTINGS if one.secret for name in one.variables}
    for name, service in loaded["services"].items():
        assert not secret & set(service.get("environment", {})), name
        assert set(service.get("secrets", [])) <= set(loaded["secrets"]), name
    assert set(loaded["services"]["crossover"]["secrets"]) <= secret
    for one in loaded["secrets"].values():
        assert set(one) == {"file"}
        assert one["file"].startswith("./secrets/")


def test_mounted_files_are_there() -> None:
    loaded = compose()
    for service in loaded["services"].values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            known = (
                (ROOT / source).exists() if source.startswith("./") else source in loaded["volumes"]
            )
            assert known, source


def test_state_outlives_the_container() -> None:
    said = dict(last_stage())
    folder = re.search(
        r"CROSSOVER_STATE_DIR=(\S+)", " ".join(r for w, r in last_stage() if w == "ENV")
    )
    assert folder
    assert f'"{folder[1]}"' in said["VOLUME"]
    assert f"state:{folder[1]}" in compose()["services"]["crossover"]["volumes"]


def _longest_end() -> float:
    """Seconds from SIGTERM to the end: the drain, the farewell, and ending the workers."""
    return float(DEFAULTS["drain_seconds"]) + 4 + 5


def test_there_is_time_to_drain() -> None:
    grace = compose()["services"]["crossover"]["stop_grace_period"]
    assert float(grace.removesuffix("s")) > _longest_end()


# ---- systemd -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_unit_is_hardened_and_has_time_to_drain(path: Path) -> None:
    text = path.read_text()
    said = dict(line.split("=", 1) for line in text.splitlines() if re.match(r"[A-Z]\w+=", line))
    assert said["User"] == "crossover"
    assert said["ProtectSystem"] == "strict"
    assert said["NoNewPrivileges"] == "yes"
    assert said["Restart"] == "on-failure"
    assert said["KillSignal"] == "SIGTERM"
    assert int(said["LimitNOFILE"]) >= 65536
    drain = DEFAULTS["worker_drain_seconds"] if "@" in path.name else DEFAULTS["drain_seconds"]
    assert float(said["TimeoutStopSec"]) > float(drain) + 9
    assert said["StateDirectory"] == "crossover"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_takes_the_unit(path: Path, tmp_path: Path) -> None:
    """With a program that is there in place of ours, and no words about the manual."""
    text, changes = re.subn(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", path.read_text())
    assert changes == 1
    (tmp_path / path.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / path.name)],
        capture_output=True,
        text=True,
        check=False,
    )
    about_it = [line for line in done.stderr.splitlines() if path.name in line]
    assert (done.returncode, about_it) == (0, [])
