"""The guide in ``docs`` says nothing that is not so: names, flags, commands, files, sums."""

import re
from pathlib import Path

import pytest
import typer.main

from benchmarks import load_test
from signaling.__main__ import app
from signaling.config import SETTINGS

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted((ROOT / "docs").glob("*.md"))
VARIABLES = {variable for setting in SETTINGS for variable in setting.variables}
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
EXPECTED = {
    "index", "deploy-on-a-vm", "behind-nat", "corporate-firewall", "sizing", "firewall-rules",
    "upgrading", "metrics-and-logs", "troubleshooting",
}  # fmt: skip
OURS = re.compile(r"(?:^|[`/ ;])(?:crossover|entrypoint\.sh) ([a-z][a-z-]*)((?: [^`|\n']*)?)")
METRIC = re.compile(r"\bcrossover_[a-z_]+\b")


def text_of(page: Path) -> str:
    return page.read_text()


def spoken(page: Path) -> list[tuple[str, list[str]]]:
    """The commands of ours that a page names in code, each with its flags."""
    text = text_of(page)
    code = re.findall(r"```(.*?)```", text, re.DOTALL)
    code += re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    found = []
    for piece in code:
        for command, rest in OURS.findall(piece):
            found.append((command, re.findall(r"(?<=\s)--[a-z][a-z-]*", rest)))
    return found


def test_every_page_is_there_and_leads_to_pages_that_are() -> None:
    assert {page.stem for page in PAGES} == EXPECTED
    index = (ROOT / "docs/index.md").read_text()
    for page in PAGES:
        assert page.stem == "index" or f"({page.name})" in index
        for link in re.findall(r"\]\(([^)#]+)\)", text_of(page)):
            assert (page.parent / link).is_file(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_setting_exists(page: Path) -> None:
    named = set(re.findall(r"\bCROSSOVER_[A-Z][A-Z_]*[A-Z]\b", text_of(page)))
    assert named <= VARIABLES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_and_flag_exists(page: Path) -> None:
    for command, flags in spoken(page):
        if command in {"up", "sh", "python", "check"} and not flags:
            continue
        assert command in COMMANDS, command
        options = COMMANDS[command].params
        if command == "load-test":
            options = typer.main.get_command(load_test.app).params
        known = {"--help"} | {flag for one in options for flag in one.opts}
        assert set(flags) <= known, command
    for flag in re.findall(r"`(--[a-z-]+)`", text_of(page)):
        assert flag in {setting.flag for setting in SETTINGS}


def test_commands_are_found_in_the_pages() -> None:
    """The tests above read something."""
    said = {command for page in PAGES for command, _ in spoken(page)}
    assert {"serve", "check", "coturn", "token", "load-test"} <= said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_file_exists(page: Path) -> None:
    for name in re.findall(r"\b((?:deploy|secrets)/[\w./-]+\w)", text_of(page)):
        if name.startswith("deploy/"):
            assert (ROOT / name).exists(), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_metric_exists(page: Path) -> None:
    sources = "".join(path.read_text() for path in (ROOT / "signaling/metrics").glob("*.py"))
    for metric in METRIC.findall(text_of(page)):
        name = metric.removesuffix("_total")
        assert f'"{name}"' in sources, metric


def test_sums_of_the_sizing_table() -> None:
    """Streams that leave the server, the calls that fit, and the cores they take."""
    text = (ROOT / "docs/sizing.md").read_text()
    rate, planned = 0.6, 80
    cores = float(re.search(r"Mbit/s out . ([\d.]+)", text)[1])  # type: ignore[index]
    rows = re.findall(r"^\| (\d+) \| ([\d.]+) \| (\d+) \| ([\d.]+) \|$", text, re.MULTILINE)
    assert len(rows) >= 5
    for people, out, calls, share in ((int(a), float(b), int(c), float(d)) for a, b, c, d in rows):
        need = people * (people - 1) * rate
        assert out == pytest.approx(need)
        assert calls == int(planned / need + 1e-9)
        assert share == pytest.approx(calls * need * cores, abs=0.005)


def test_sizing_uses_what_was_measured() -> None:
    measured = (ROOT / "benchmarks/README.md").read_text()
    text = (ROOT / "docs/sizing.md").read_text()
    for row, shown in (
        (r"10 rooms of 10 at 600 kbit/s: share of a core \| ([\d.]+) %", "{} %"),
        (r"5 rooms of 20 at 600 kbit/s: share of a core \| ([\d.]+) %", "{} %"),
        (r"1 to 1,214 at 1.2 Mbit/s: share of a core \| ([\d.]+) %", "{} %"),
        (r"joins per second, DTLS connected \| ([\d,]+)", "| {} |"),
        (r"idle connections served \| ([\d,]+)", "{}; "),
    ):
        found = re.search(row, measured)
        assert found, row
        assert shown.format(found[1]) in text, found[0]
