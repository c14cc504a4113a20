"""The page that says what stands between a browser and a call."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import Person
from tests.support.server_process import ServerProcess


def run_check(person: Person) -> None:
    """Starts it, and waits for its last word."""
    person.page.get_by_test_id("start-check").click()
    expect(person.page.get_by_test_id("verdict")).to_be_visible()


def test_it_says_what_works_and_leaves_nothing_behind(
    sfu_server: ServerProcess, person: Callable[..., Person]
) -> None:
    ada = person("Ada", permissions=["camera", "microphone"])
    ada.page.goto(sfu_server.url)
    ada.page.get_by_test_id("check-link").click()
    ada.page.wait_for_url("**/check")
    run_check(ada)
    for step in ("server", "microphone", "camera", "udp"):
        expect(ada.page.get_by_test_id(f"check-{step}")).to_have_attribute("data-status", "good")
    for way in ("upload", "download"):
        # Two cores carry more than nothing; how much is the machine's affair.
        expect(ada.page.get_by_test_id(f"check-{way}")).to_contain_text("Mbit/s")
    rooms = sfu_server.log.count("room-opened")
    assert rooms == 1
    ada.page.reload()  # the address is a place of its own
    ada.page.get_by_test_id("start-check").wait_for()


def test_a_server_that_is_away_is_named(
    server: ServerProcess, person: Callable[..., Person]
) -> None:
    ada = person("Ada")
    ada.page.goto(f"{server.url}/check")
    server.kill()
    run_check(ada)
    expect(ada.page.get_by_test_id("verdict")).to_have_attribute("data-verdict", "no-server")
    server.start()
