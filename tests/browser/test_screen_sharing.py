"""A screen that is shared, peer to peer and through the server."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import PATIENCE, Person, each_sees_each

PICTURE = """() => {
  const video = document.querySelector('[data-testid=screen-tile] video');
  return [video.videoWidth / video.videoHeight, getComputedStyle(video).objectFit];
}"""

CHANGED = """async () => {
  const video = document.querySelector('[data-testid=screen-tile] video');
  if (!video?.videoWidth) return false;
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const look = () => {
    context.drawImage(video, 0, 0, 1, 1);
    return context.getImageData(0, 0, 1, 1).data.join();
  };
  const before = look();
  await new Promise((resolve) => setTimeout(resolve, 400));
  return look() !== before;
}"""


def screens(someone: Person) -> Locator:
    return someone.page.get_by_test_id("screen-tile")


@pytest.mark.parametrize("way", ["meet", "meet_on_sfu"])
def test_a_screen_is_seen_until_it_is_not_shared_any_more(
    way: str, request: pytest.FixtureRequest
) -> None:
    together: Callable[..., list[Person]] = request.getfixturevalue(way)
    ada, bo = together("Ada", "Bo")
    each_sees_each([ada, bo])

    ada.share_screen()
    expect(screens(bo)).to_have_count(1, timeout=PATIENCE)
    expect(screens(bo)).to_have_attribute("aria-label", "Ada\u2019s screen")
    expect(screens(ada)).to_have_text("Your screen")
    bo.until(CHANGED)
    ratio, fit = bo.page.evaluate(PICTURE)
    assert (round(ratio, 1), fit) == (3.0, "contain")
    each_sees_each([ada, bo])
    large, small = screens(bo).bounding_box(), bo.others.first.bounding_box()
    assert large is not None
    assert small is not None
    assert large["width"] > small["width"]

    ada.page.get_by_test_id("share-screen").click()
    for one in (ada, bo):
        expect(screens(one)).to_have_count(0, timeout=PATIENCE)

    ada.share_screen()  # again, and stopped in the browser's own bar
    bo.until("() => document.querySelector('[data-testid=screen-tile]') !== null")
    bo.until(CHANGED)
    ada.page.evaluate("""() => {
      __screen.stop();
      __screen.dispatchEvent(new Event('ended'));
    }""")
    for one in (ada, bo):
        expect(screens(one)).to_have_count(0, timeout=PATIENCE)
    expect(ada.page.get_by_test_id("share-screen")).to_have_attribute("aria-pressed", "false")
    each_sees_each([ada, bo])


def test_a_late_joiner_sees_the_screen_and_a_phone_has_none_to_share(
    meet_on_sfu: Callable[..., list[Person]], person: Callable[..., Person]
) -> None:
    ada, bo = meet_on_sfu("Ada", "Bo")
    ada.share_screen()
    late = person("Cleo", has_touch=True)
    late.page.set_viewport_size({"width": 390, "height": 844})
    late.join(ada.page.url)
    expect(screens(late)).to_have_count(1, timeout=PATIENCE)
    late.until(CHANGED)
    expect(late.page.get_by_test_id("share-screen")).to_have_count(0)
    ada.leave()
    for one in (bo, late):
        expect(screens(one)).to_have_count(0, timeout=PATIENCE)
