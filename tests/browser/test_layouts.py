"""Layouts, pins and pages in a call through the server: what is not shown does not come."""

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.browser.people import PATIENCE, Person
from tests.browser.synthetic_people import SyntheticPeople
from tests.support.server_process import ServerProcess

CROWD = 6
"""With these and one browser a tab of 640 by 480 has two pages beside the large tile."""

LARGEST = """() => [...document.querySelectorAll('[data-testid=tile]')]
  .sort((a, b) => b.offsetWidth - a.offsetWidth)[0].dataset.memberId"""

SILENT = """async () => {
  for (const connection of __probe.live())
    for (const report of await __probe.reports(connection))
      if (report.kind === 'video' && report.framesDecoded > 0 && report.type === 'inbound-rtp')
        return report.timestamp - report.lastPacketReceivedTimestamp >= 2000;
  return false;
}"""
"""Whether no packet of the one picture that can be decoded has come for two seconds."""


def tile_of(person: Person, member_id: str) -> Locator:
    """Somebody's tile on a person's stage, if it is there."""
    return person.page.locator(f'[data-testid=tile][data-member-id="{member_id}"]')


def turn_from(person: Person, member_id: str) -> None:
    """Turns to the page of two on which somebody is not: who spoke may have come to the first."""
    back = person.page.get_by_test_id("previous-page")
    if back.is_enabled():
        back.click()
    if tile_of(person, member_id).count():
        person.page.get_by_test_id("next-page").click()
    expect(tile_of(person, member_id)).to_have_count(0)


def test_who_is_pinned_is_large_and_who_is_on_another_page_is_not_received(
    meet_on_sfu: Callable[..., list[Person]], sfu_server: ServerProcess
) -> None:
    ada, bo = meet_on_sfu("Ada", "Bo")
    bo_id = bo.own_id
    # Who says nothing is not brought back by having spoken.
    bo.page.get_by_test_id("toggle-microphone").click()
    room_id = ada.page.url.rpartition("/")[2]
    with SyntheticPeople(sfu_server.url, room_id, CROWD):
        expect(ada.others).to_have_count(CROWD + 1, timeout=PATIENCE)
        somebody = next(iter(ada.other_ids() - {bo_id}))

        tile_of(ada, bo_id).get_by_test_id("pin").click()
        ada.until(f"(id) => ({LARGEST})() === id", bo_id)
        ada.expect_moving(bo_id)

        ada.page.keyboard.press("g")
        ada.page.keyboard.press("Escape")
        for turn in ("next-page", "previous-page"):
            if tile_of(ada, somebody).count():
                break
            ada.page.get_by_test_id(turn).click()
        tile_of(ada, somebody).get_by_test_id("pin").focus()
        ada.page.keyboard.press("Enter")
        ada.until(f"(id) => ({LARGEST})() === id", somebody)

        turn_from(ada, bo_id)
        ada.until(SILENT)
        ada.page.keyboard.press("g")
        ada.page.keyboard.press("g")
        ada.page.keyboard.press("Escape")
        ada.expect_moving(bo_id)

        ada.page.keyboard.press("g")
        ada.page.keyboard.press("g")
        expect(ada.page.get_by_test_id("more-people")).to_be_visible()
        ada.page.reload()
        ada.enter()
        expect(ada.page.get_by_test_id("more-people")).to_be_visible(timeout=PATIENCE)
