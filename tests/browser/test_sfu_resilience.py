"""Calls through the server when something breaks: a worker, signaling, a tab, a path."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Playwright, expect

from tests.browser.conftest import FLAGS, PROBE, chromium
from tests.browser.people import PATIENCE, Person, each_sees_each
from tests.support.server_process import ServerProcess

Meet = Callable[..., list[Person]]

LONGEST_STANDSTILL = 3_000
"""Milliseconds for which no picture may stand still in a planned restart; it is far less."""

WATCH_TILES = """() => {
  window.__watched = { longest: 0, lost: [] };
  const seen = new Map();
  const look = () => {
    const now = performance.now();
    for (const tile of document.querySelectorAll('[data-testid=tile][data-self="false"]')) {
      const video = [...tile.querySelectorAll('video')].at(-1);
      const frames = video?.getVideoPlaybackQuality().totalVideoFrames;
      const known = seen.get(tile) ?? { at: now };
      __watched.longest = Math.max(__watched.longest, now - known.at);
      const isNew = known.video !== video || known.frames !== frames;
      if (isNew) seen.set(tile, { video, frames, at: now });
      if (tile.dataset.status !== 'connected') __watched.lost.push(tile.dataset.status);
    }
    setTimeout(look, 50);
  };
  look();
}"""
"""How long a picture stood still, and whether anybody seemed lost."""


def workers_of(server: ServerProcess) -> list[int]:
    """Process ids of the server's SFU workers, whoever their parent is by now."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                command = (process / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            control = next((word for word in command if word.endswith(b".sock")), b"")
            if b"sfu" in command and control.startswith(str(server.state_dir).encode()):
                found.append(int(process.name))
    return found


def await_successor(someone: Person, server: ServerProcess, worker: int) -> None:
    """Waits until a worker has ended and another has taken its place."""
    deadline = time.monotonic() + PATIENCE / 1000
    while worker in (there := workers_of(server)) or len(there) < 2:
        assert time.monotonic() < deadline, f"workers are {there}"
        someone.page.wait_for_timeout(100)


def connection_states(someone: Person) -> list[str]:
    return list(
        someone.page.evaluate("() => __probe.connections.map((one) => one.connectionState)")
    )


def test_a_worker_that_is_killed_comes_back_with_its_rooms(
    meet_on_sfu: Meet, sfu_server: ServerProcess
) -> None:
    people = meet_on_sfu("Ada", "Bo", "Cleo")
    each_sees_each(people)
    [worker] = workers_of(sfu_server)
    os.kill(worker, signal.SIGKILL)
    for one in people:
        one.until(
            "() => __probe.connections.filter((c) => c.connectionState === 'closed').length >= 2"
        )
    each_sees_each(people)
    [successor] = workers_of(sfu_server)
    assert successor != worker
    for one in people:
        expect(one.page.get_by_test_id("mode-badge")).to_have_attribute("data-mode", "sfu")


@pytest.mark.parametrize("sfu_server", [{"CROSSOVER_WORKERS": "2"}], indirect=True)
def test_workers_are_restarted_one_after_the_other_and_nobody_notices(
    meet_on_sfu: Meet, sfu_server: ServerProcess
) -> None:
    people = meet_on_sfu("Ada", "Bo", "Cleo")
    each_sees_each(people)
    for one in people:
        one.page.evaluate(WATCH_TILES)
    for worker in workers_of(sfu_server):
        os.kill(worker, signal.SIGTERM)
        await_successor(people[0], sfu_server, worker)
        each_sees_each(people)
    for one in people:
        assert one.page.evaluate("() => __watched.lost") == []
        assert one.page.evaluate("() => __watched.longest") < LONGEST_STANDSTILL
        expect(one.page.get_by_test_id("mode-badge")).to_have_attribute("data-mode", "sfu")


def test_media_flows_while_signaling_is_gone_and_stays_when_it_is_back(
    meet_on_sfu: Meet, sfu_server: ServerProcess
) -> None:
    ada, bo = meet_on_sfu("Ada", "Bo")
    each_sees_each([ada, bo])
    [worker] = workers_of(sfu_server)
    before = connection_states(ada)
    sfu_server.kill()
    for one in (ada, bo):
        one.expect_flowing()
    sfu_server.start()
    for one in (ada, bo):
        expect(one.page.get_by_test_id("status-badge")).to_have_attribute(
            "data-status", "connected", timeout=PATIENCE
        )
        one.expect_flowing()
    each_sees_each([ada, bo])
    assert workers_of(sfu_server) == [worker]
    assert connection_states(ada) == before, "media was connected anew"
    bo.say("Still here")
    ada.expect_said("Still here")


def test_a_browser_that_is_killed_leaves_the_others_unharmed(
    meet_on_sfu: Meet, playwright: Playwright
) -> None:
    ada, cleo = meet_on_sfu("Ada", "Cleo")
    browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    bo = Person(browser, PROBE, "Bo")
    bo.join(ada.page.url)
    each_sees_each([ada, bo, cleo])
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
    for process in processes["processInfo"]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process["id"], signal.SIGKILL)
    reconnecting = ada.others.filter(has_text="Reconnecting")
    expect(reconnecting).to_have_count(1, timeout=PATIENCE)
    ada.expect_moving(cleo.own_id)
    cleo.expect_moving(ada.own_id)
    with contextlib.suppress(PlaywrightError):
        browser.close()


def test_a_late_joiner_sees_everybody(meet_on_sfu: Meet, person: Callable[..., Person]) -> None:
    people = meet_on_sfu("Ada", "Bo")
    each_sees_each(people)
    late = person("Cleo")
    late.join(people[0].page.url)
    each_sees_each([*people, late])


def test_ice_is_restarted_under_a_call(meet_on_sfu: Meet) -> None:
    ada, bo = meet_on_sfu("Ada", "Bo")
    each_sees_each([ada, bo])
    before = connection_states(ada)
    fragments = (
        "() => __probe.live()"
        ".map((one) => /a=ice-ufrag:(.*)/.exec(one.remoteDescription.sdp)[1].trim())"
    )
    old = ada.page.evaluate(fragments)
    # What a change of network looks like to a page.
    ada.page.evaluate("() => { window.dispatchEvent(new Event('online')); }")
    ada.until(f"(old) => ({fragments})().every((one) => !old.includes(one))", old)
    for one in (ada, bo):
        one.expect_flowing()
    each_sees_each([ada, bo])
    assert connection_states(ada) == before
