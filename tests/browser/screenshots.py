"""Pictures of every place, for whoever changes the page: ``make screenshots``.

Real rooms with real people on a real server; the pictures land in ``screenshots/``.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright
from rich.progress import track

from tests.browser.conftest import FLAGS, PROBE, chromium
from tests.browser.people import PATIENCE, Person
from tests.browser.synthetic_people import SyntheticPeople
from tests.support.server_process import ROOT, ServerProcess

FOLDER = ROOT / "screenshots"
SIZES = {"phone": (390, 844), "lying": (844, 390), "tablet": (820, 1180), "desk": (1440, 900)}
THEMES = ("light", "dark")
CROWD = 23
NAMES = ("Grace Hopper", "Edsger", "Barbara", "Donald", "Frances")


@dataclass(frozen=True)
class Studio:
    """The browser, the server, and those who are in the room already."""

    browser: Browser
    server: ServerProcess
    address: str
    others: list[Person]

    def viewer(self, size: str, theme: str) -> Person:
        """Somebody with a screen of this size."""
        person = Person(self.browser, PROBE, "Ada Lovelace", color_scheme=theme)
        width, height = SIZES[size]
        person.page.set_viewport_size({"width": width, "height": height})
        return person


def shoot(person: Person, name: str) -> None:
    """One picture, once what moves has settled."""
    person.page.wait_for_timeout(700)
    person.page.screenshot(path=FOLDER / f"{name}.png")


def outside(studio: Studio, size: str, theme: str) -> None:
    """Dashboard, pre-join, a room that is gone."""
    person = studio.viewer(size, theme)
    person.page.goto(studio.server.url)
    expect(person.page.get_by_test_id("room-card").first).to_be_visible()
    shoot(person, f"dashboard-{size}-{theme}")
    person.page.goto(studio.address)
    person.page.get_by_test_id("name").fill(person.name)
    shoot(person, f"prejoin-{size}-{theme}")
    person.page.goto(f"{studio.server.url}/r/gone")
    expect(person.page.get_by_test_id("error").first).to_be_visible()
    shoot(person, f"gone-{size}-{theme}")
    person.close()


def inside(studio: Studio, size: str, theme: str, count: int) -> None:
    """The room with so many people; with the chat and the people list open."""
    person = studio.viewer(size, theme)
    person.join(studio.address)
    expect(person.page.get_by_test_id("open-people")).to_have_text(str(count), timeout=PATIENCE)
    shoot(person, f"room-{count}-{size}-{theme}")
    person.say("Can everybody hear me?")
    shoot(person, f"chat-{count}-{size}-{theme}")
    person.page.keyboard.press("Escape")  # out of the message,
    person.page.keyboard.press("Escape")  # and the panel shut: on phones it covers the controls
    person.page.get_by_test_id("open-people").click()
    shoot(person, f"people-{count}-{size}-{theme}")
    person.page.keyboard.press("Escape")
    person.leave()
    shoot(person, f"left-{size}-{theme}")
    person.close()


def laid_out(studio: Studio, size: str, theme: str, count: int) -> None:
    """The same people in the other layouts, and one of them pinned."""
    person = studio.viewer(size, theme)
    person.join(studio.address)
    for layout in ("speaker", "stage"):
        person.page.keyboard.press("g")
        shoot(person, f"{layout}-{count}-{size}-{theme}")
    person.page.keyboard.press("g")
    person.page.get_by_test_id("pin").nth(1).click()
    shoot(person, f"pinned-{count}-{size}-{theme}")
    person.close()


def presented(studio: Studio, size: str, theme: str) -> None:
    """Somebody's screen, and everybody beside it."""
    person = studio.viewer(size, theme)
    person.join(studio.address)
    expect(person.page.get_by_test_id("screen-tile")).to_be_visible(timeout=PATIENCE)
    shoot(person, f"screen-{size}-{theme}")
    person.close()


def through_server(browser: Browser) -> None:
    """A room whose media goes through the server: how it is made, a crowd, a shared screen."""
    server = ServerProcess(Path(tempfile.mkdtemp()), CROSSOVER_WORKERS="1", CROSSOVER_SFU_PORT="0")
    server.start()
    host = Person(browser, PROBE, NAMES[0])
    address = host.open_room(server.url, through_server=True)
    studio = Studio(browser, server, address, [host])
    for size, theme in track(list(views()), "Making a room on the server"):
        person = studio.viewer(size, theme)
        person.page.goto(server.url)
        person.choose_server()
        shoot(person, f"options-{size}-{theme}")
        person.close()
    with SyntheticPeople(server.url, address.rpartition("/")[2], CROWD) as crowd:
        crowd.receive_everybody(CROWD)
        for size, theme in track(list(views()), f"{CROWD + 2} people through the server"):
            inside(studio, size, theme, CROWD + 2)
            laid_out(studio, size, theme, CROWD + 2)
        host.share_screen()
        for size, theme in track(list(views()), "A shared screen"):
            presented(studio, size, theme)
    host.close()
    server.stop()


def views() -> Iterator[tuple[str, str]]:
    """Every size in every theme."""
    yield from product(SIZES, THEMES)


def main() -> None:
    """Takes all pictures."""
    FOLDER.mkdir(exist_ok=True)
    server = ServerProcess(Path(tempfile.mkdtemp()))
    server.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        host = Person(browser, PROBE, NAMES[0])
        studio = Studio(browser, server, host.open_room(server.url), [host])
        for size, theme in track(list(views()), "Places"):
            outside(studio, size, theme)
        for count in (2, 4, 6):
            while len(studio.others) < count - 1:
                other = Person(browser, PROBE, NAMES[len(studio.others)])
                other.join(studio.address)
                studio.others.append(other)
            for size, theme in track(list(views()), f"{count} people"):
                inside(studio, size, theme, count)
        for other in studio.others:
            other.close()
        through_server(browser)
        browser.close()
    server.stop()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}")  # noqa: T201


if __name__ == "__main__":
    main()
