"""People in browsers: each with a context of their own, doing what people do."""

import contextlib
import re
import time
from collections.abc import Callable, Iterable
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError

PATIENCE = 20_000
"""Milliseconds for anything that takes a connection; nothing is decided by how long it took."""

SCREEN = """() => {
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 1200, height: 400 });
    const context = canvas.getContext('2d');
    let frame = 0;
    setInterval(() => {
      context.fillStyle = `hsl(${(frame += 7) % 360} 80% 50%)`;
      context.fillRect(0, 0, 1200, 400);
      context.fillStyle = 'white';
      context.font = '60px sans-serif';
      context.fillText('A shared screen', 60, 120);
    }, 50);
    const stream = canvas.captureStream(20);
    globalThis.__screen = stream.getVideoTracks()[0];
    return stream;
  };
}"""
"""A headless browser has no screen: a canvas, much wider than any camera's picture."""


class Person:
    """One person in one tab."""

    def __init__(self, browser: Browser, probe: str, name: str, **context: Any) -> None:  # noqa: ANN401 - Playwright's own options
        self.name = name
        self.context: BrowserContext = browser.new_context(
            viewport={"width": 640, "height": 480}, **context
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.add_init_script(probe)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.watch(self.page)

    def watch(self, page: Page) -> None:
        """Collects what a healthy page never does."""
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        expected = re.search(r"WebSocket connection|ERR_(CONNECTION|INTERNET)", message.text)
        if message.type in {"error", "warning"} and not expected:
            self.faults.append(message.text)

    # ---- going places --------------------------------------------------------------------

    def open_room(self, url: str, *, through_server: bool = False) -> str:
        """Makes a room from the dashboard and joins it; returns its address."""
        self.page.goto(url)
        self.page.get_by_test_id("name").fill(self.name)
        if through_server:
            self.choose_server()
        self.page.get_by_test_id("new-room").click()
        self.page.wait_for_url(re.compile(r"/r/"))
        self.enter()
        return self.page.url

    def choose_server(self) -> None:
        """Says in a new room's options that its media goes through the server."""
        self.page.get_by_text("Options", exact=True).click()
        self.page.get_by_role("combobox", name="How media travels").click()
        self.page.get_by_role("option", name="Through the server (SFU)").click()

    def join(self, address: str) -> None:
        """Opens a room's link and joins."""
        self.page.goto(address)
        self.page.get_by_test_id("name").fill(self.name)
        self.enter()

    def enter(self) -> None:
        """Presses Join where there is something to press, and waits for the stage."""
        self.page.wait_for_selector("[data-testid=join], [data-testid=leave]")
        join = self.page.get_by_test_id("join")
        if join.count():
            join.click()
        expect(self.page.get_by_test_id("leave")).to_be_visible(timeout=PATIENCE)

    def leave(self) -> None:
        """Leaves by the button."""
        self.page.get_by_test_id("leave").click()
        expect(self.page.get_by_test_id("leave")).to_have_count(0)

    def share_screen(self) -> None:
        """Shares a screen that is a canvas, from a window wide enough to be one of a desk."""
        self.page.set_viewport_size({"width": 1000, "height": 700})
        self.page.evaluate(SCREEN)
        self.page.get_by_test_id("share-screen").click()

    # ---- looking -------------------------------------------------------------------------

    @property
    def own_id(self) -> str:
        """The member id of this person's own tile."""
        return str(
            self.page.locator('[data-testid=tile][data-self="true"]').get_attribute(
                "data-member-id"
            )
        )

    @property
    def others(self) -> Locator:
        """The tiles of everybody else."""
        return self.page.locator('[data-testid=tile][data-self="false"]')

    def other_ids(self) -> set[str]:
        """Their member ids."""
        return {str(tile.get_attribute("data-member-id")) for tile in self.others.all()}

    def expect_others(self, count: int) -> None:
        """Waits until there are so many others, all connected."""
        expect(self.others).to_have_count(count, timeout=PATIENCE)
        connected = self.page.locator(
            '[data-testid=tile][data-self="false"][data-status=connected]'
        )
        expect(connected).to_have_count(count, timeout=PATIENCE)

    def inbound(self) -> dict[str, float]:
        """What arrives over all live connections."""
        return dict(self.page.evaluate("() => __probe.inbound()"))

    def expect_media_from(self, count: int) -> None:
        """Waits until moving pictures and sound of so many others arrive."""
        self.until(
            "async (n) => { const got = await __probe.inbound();"
            " return got.videos >= n && got.audios >= n; }",
            count,
        )
        for member_id in self.other_ids():
            self.expect_moving(member_id)

    def mark(self) -> None:
        """Puts a mark into the page that a reload removes."""
        self.page.evaluate("() => { window.__mark = true; }")

    def expect_reloaded(self) -> None:
        """Waits until the page that was marked has made way for a new one."""
        deadline = time.monotonic() + PATIENCE / 1000
        marked = True
        while marked:
            assert time.monotonic() < deadline, f"{self.name}'s page did not reload"
            self.page.wait_for_timeout(50)
            with contextlib.suppress(PlaywrightError):  # asked in the midst of it
                marked = self.page.evaluate("() => window.__mark === true")

    def expect_moving(self, member_id: str) -> None:
        """Waits until a tile shows two different pictures, one after the other."""
        self.until("(id) => __probe.remember(id)", member_id)
        self.until("(id) => __probe.moved(id)", member_id)

    def expect_flowing(self) -> None:
        """Waits until more frames are decoded than now."""
        before = self.inbound()["framesDecoded"]
        self.until("async (n) => (await __probe.inbound()).framesDecoded > n + 2", before)

    def until(self, condition: str, argument: object = None) -> None:
        """Waits until a predicate in the page, async or not, holds.

        Asked from here and not by ``wait_for_function``, which needs an ``eval`` that the page's
        Content-Security-Policy forbids.
        """
        deadline = time.monotonic() + PATIENCE / 1000
        while not self.page.evaluate(condition, argument):
            assert time.monotonic() < deadline, f"{self.name} waited in vain for {condition}"
            self.page.wait_for_timeout(100)

    # ---- talking -------------------------------------------------------------------------

    def open_chat(self) -> None:
        """Shows the chat if it is not shown."""
        if not self.page.get_by_test_id("chat-input").is_visible():
            self.page.get_by_test_id("open-chat").click()
        expect(self.page.get_by_test_id("chat-input")).to_be_visible()

    def say(self, text: str) -> None:
        """Writes a chat message."""
        self.open_chat()
        box = self.page.get_by_test_id("chat-input")
        box.fill(text)
        box.press("Enter")

    def expect_said(self, text: str, times: int = 1) -> None:
        """Waits until the chat shows a message so many times."""
        self.open_chat()
        shown = self.page.get_by_test_id("chat-message").filter(has_text=text)
        expect(shown).to_have_count(times, timeout=PATIENCE)

    def close(self) -> None:
        """Closes the tab and everything of it; complains about what went wrong in it."""
        self.context.close()
        assert self.faults == [], f"{self.name}'s page: {self.faults}"


def each_sees_each(people: Iterable[Person]) -> None:
    """Waits until everybody is connected with everybody, moving and audible."""
    everybody = list(people)
    for person in everybody:
        person.expect_others(len(everybody) - 1)
    for person in everybody:
        person.expect_media_from(len(everybody) - 1)


Meet = Callable[..., list[Person]]
