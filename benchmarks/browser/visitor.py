"""A person in a Chromium tab, for measurements: joins, talks, and reads the page's stopwatch."""

import os
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream=fps=30",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
)

STOPWATCH = (Path(__file__).parent / "stopwatch.js").read_text()


def chromium() -> str:
    """The path of Debian's Chromium, or what ``CHROMIUM`` names.

    Raises:
        FileNotFoundError: There is none.
    """
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not found:
        raise FileNotFoundError("no chromium: `make browser` installs Debian's")
    return found


def launch(playwright: Playwright) -> Browser:
    """That Chromium; raises as ``chromium`` does."""
    return playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))


class Visitor:
    """One tab in a context of its own.

    Args:
        browser: that has the tab.
        name: of the person.
        script: runs before each page.
    """

    def __init__(self, browser: Browser, name: str, script: str = STOPWATCH) -> None:
        self._name = name
        self._context = browser.new_context(viewport={"width": 640, "height": 480})
        self._context.add_init_script(script)
        self.page: Page = self._context.new_page()

    def open_room(self, url: str) -> str:
        """Makes a room; returns its address."""
        self.page.goto(url)
        self.page.get_by_test_id("name").fill(self._name)
        self.page.get_by_test_id("new-room").click()
        self.page.get_by_test_id("leave").wait_for()
        return self.page.url

    def enter(self, address: str) -> None:
        """Opens the link, waits for the own preview, joins."""
        self.page.goto(address)
        self.page.get_by_test_id("name").fill(self._name)
        self.page.wait_for_timeout(1500)
        self.page.get_by_test_id("join").click()

    def leave(self) -> None:
        """Leaves by the button."""
        self.page.get_by_test_id("leave").click()
        self.page.get_by_test_id("leave").wait_for(state="detached")

    def join(self, address: str) -> None:
        """Enters and waits for the other's picture."""
        self.enter(address)
        self.wait("() => __watch.pictured !== null")

    def watch(self, expression: str) -> Any:  # noqa: ANN401 - whatever the page says
        """A value of the stopwatch."""
        return self.page.evaluate(f"() => __watch.{expression}")

    def wait(self, condition: str) -> None:
        """Until it holds in the page."""
        while not self.page.evaluate(condition):
            self.page.wait_for_timeout(20)

    def say(self, text: str) -> None:
        """Writes a chat message."""
        box = self.page.get_by_test_id("chat-input")
        if not box.is_visible():
            self.page.get_by_test_id("open-chat").click()
        box.fill(text)
        box.press("Enter")

    def close(self) -> None:
        """Closes the tab."""
        self._context.close()
