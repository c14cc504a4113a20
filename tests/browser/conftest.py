"""A browser, a server, and people who come and go."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from benchmarks.browser import visitor
from tests.browser.people import PATIENCE, Person
from tests.browser.plain_script import PlainScript
from tests.support.server_process import ROOT, ServerProcess

FLAGS = list(visitor.FLAGS)

# However slow the machine is: what is waited for decides, not how long it takes.
expect.set_options(timeout=PATIENCE)

PROBE = (Path(__file__).parent / "probe.js").read_text()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def chromium() -> str:
    """Where the browser is; Debian's unless ``CHROMIUM`` says otherwise."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "no chromium: `make browser` installs it"
    return found


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield launched
    launched.close()


@pytest.fixture(scope="session", autouse=True)
def built_page() -> None:
    assert (ROOT / "signaling/http/page/index.html").is_file(), "the page is not built: `make page`"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    running = ServerProcess(tmp_path)
    running.start()
    yield running
    running.stop()
    assert running.complaints() == []


@pytest.fixture
def person(browser: Browser) -> Iterator[Callable[..., Person]]:
    """Makes people; all are gone, without faults in their pages, when the test ends."""
    made: list[Person] = []

    def make(name: str, **context: object) -> Person:
        made.append(Person(browser, PROBE, name, **context))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def meet(server: ServerProcess, person: Callable[..., Person]) -> Callable[..., list[Person]]:
    """Brings people together in a new room: the first makes it, the others open its link."""

    def together(*names: str) -> list[Person]:
        people = [person(name) for name in names]
        address = people[0].open_room(server.url)
        for other in people[1:]:
            other.join(address)
        return people

    return together


@pytest.fixture
def plain_script() -> Iterator[Callable[..., PlainScript]]:
    """Brings plain scripts into rooms, by server and the room's address."""
    made: list[PlainScript] = []

    def call(server: ServerProcess, room: str) -> PlainScript:
        made.append(PlainScript(server, room))
        return made[-1]

    yield call
    for script in made:
        script.close()


@pytest.fixture
def sfu_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServerProcess]:
    """A server with one SFU worker; indirect parameters are settings."""
    settings: dict[str, str] = getattr(request, "param", {})
    settings = {"CROSSOVER_WORKERS": "1", "CROSSOVER_SFU_PORT": "0"} | settings
    running = ServerProcess(tmp_path, **settings)
    running.start()
    yield running
    running.stop()
    assert running.complaints() == []


@pytest.fixture
def meet_on_sfu(
    sfu_server: ServerProcess, person: Callable[..., Person]
) -> Callable[..., list[Person]]:
    """Brings people together in a new room whose media goes through the server."""

    def together(*names: str, query: str = "") -> list[Person]:
        people = [person(name) for name in names]
        opened = people[0].open_room(sfu_server.url + query, through_server=True)
        address = opened.partition("?")[0]
        for other in people[1:]:
            other.join(address + query)
        return people

    return together
