"""Calls through the server: the page's SFU engine, real Chromium tabs, and a real worker."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import PATIENCE, Person, each_sees_each
from tests.support.server_process import ServerProcess

MeetOnSfu = Callable[..., list[Person]]


def own_connections(someone: Person) -> int:
    """Live peer connections of a page: two through the server, however many people there are."""
    return int(someone.page.evaluate("() => __probe.live().length"))


def test_two_people_see_and_hear_each_other_through_the_server(meet_on_sfu: MeetOnSfu) -> None:
    people = meet_on_sfu("Ada", "Bo")
    each_sees_each(people)
    for one in people:
        badge = one.page.get_by_test_id("mode-badge")
        expect(badge).to_have_attribute("data-mode", "sfu")
        assert own_connections(one) == 2


def test_four_people_need_no_more_connections_than_two(meet_on_sfu: MeetOnSfu) -> None:
    people = meet_on_sfu("Ada", "Bo", "Cleo", "Dee")
    each_sees_each(people)
    assert [own_connections(one) for one in people] == [2, 2, 2, 2]


def test_who_leaves_is_gone_and_who_stays_goes_on(meet_on_sfu: MeetOnSfu) -> None:
    ada, bo, cleo = meet_on_sfu("Ada", "Bo", "Cleo")
    each_sees_each([ada, bo, cleo])
    bo.leave()
    ada.expect_others(1)
    ada.expect_moving(cleo.own_id)
    cleo.expect_moving(ada.own_id)


def test_switches_and_words_reach_the_others(meet_on_sfu: MeetOnSfu) -> None:
    ada, bo = meet_on_sfu("Ada", "Bo")
    each_sees_each([ada, bo])
    tile = bo.others.first
    ada.page.keyboard.press("m")
    expect(tile).to_have_attribute("aria-label", re.compile("microphone off"), timeout=PATIENCE)
    ada.page.keyboard.press("m")
    expect(tile).to_have_attribute("aria-label", re.compile("microphone on"), timeout=PATIENCE)
    frame = tile.locator(".tile-frame")
    ada.page.keyboard.press("v")
    expect(frame).to_have_attribute("data-pictured", "false", timeout=PATIENCE)
    ada.page.keyboard.press("v")
    expect(frame).to_have_attribute("data-pictured", "true", timeout=PATIENCE)
    bo.expect_moving(ada.own_id)
    ada.say("through the server")
    bo.expect_said("through the server")


def test_a_reloaded_page_is_seen_again(meet_on_sfu: MeetOnSfu) -> None:
    ada, bo = meet_on_sfu("Ada", "Bo")
    each_sees_each([ada, bo])
    bo.mark()
    bo.page.reload()
    bo.expect_reloaded()
    each_sees_each([ada, bo])


@pytest.mark.parametrize("codec", ["vp9", "h264", "av1"])
def test_other_codecs_arrive(meet_on_sfu: MeetOnSfu, codec: str) -> None:
    ada, bo = meet_on_sfu("Ada", "Bo", query=f"?codec={codec}")
    each_sees_each([ada, bo])
    used = bo.page.evaluate(
        """async () => {
          for (const connection of __probe.live()) {
            const reports = await __probe.reports(connection);
            const video = reports.find((one) => one.type === 'inbound-rtp' && one.kind === 'video');
            const found = video && reports.find((one) => one.id === video.codecId);
            if (found) return found.mimeType;
          }
          return null;
        }"""
    )
    assert str(used).lower() == f"video/{codec}"


RECEIVED = """async () => {
  for (const connection of __probe.live())
    for (const report of await __probe.reports(connection))
      if (report.type === 'inbound-rtp' && report.kind === 'video') return report;
  return {};
}"""
"""The counters of the first picture that arrives."""


def test_a_small_tile_gets_a_small_picture_and_a_hidden_page_none(
    sfu_server: ServerProcess, person: Callable[..., Person]
) -> None:
    ada, bo = person("Ada"), person("Bo")
    for one in (ada, bo):
        one.context.add_init_script("__probe.small = false;")
    ada.page.goto(sfu_server.url)
    ada.page.get_by_test_id("name").fill("Ada")
    ada.choose_server()
    ada.page.get_by_test_id("new-room").click()
    ada.page.wait_for_url(re.compile(r"/r/"))
    ada.enter()
    bo.page.set_viewport_size({"width": 1800, "height": 1000})
    bo.join(ada.page.url)
    width = f"async (width) => (await ({RECEIVED})()).frameWidth === width"
    bo.until(width, 1280)
    bo.page.set_viewport_size({"width": 360, "height": 420})
    bo.until(width, 320)
    bo.page.set_viewport_size({"width": 900, "height": 640})
    bo.until(width, 640)
    bo.page.evaluate("""() => {
      const get = () => (__hidden ? 'hidden' : 'visible');
      Object.defineProperty(document, 'visibilityState', { get });
      globalThis.__hidden = true;
      document.dispatchEvent(new Event('visibilitychange'));
    }""")
    standstill = f"""async () => {{
      const before = (await ({RECEIVED})()).packetsReceived;
      await new Promise((resolve) => setTimeout(resolve, 700));
      return (await ({RECEIVED})()).packetsReceived === before;
    }}"""
    bo.until(standstill)
    bo.page.evaluate("""() => {
      globalThis.__hidden = false;
      document.dispatchEvent(new Event('visibilitychange'));
    }""")
    bo.expect_flowing()
    bo.expect_moving(ada.own_id)
