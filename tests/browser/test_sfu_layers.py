"""Simulcast through the server in real Chromium, and the server on plain sockets."""

from collections.abc import Callable

import pytest

from tests.browser.people import Person, each_sees_each

Meet = Callable[..., list[Person]]

SENT_LAYERS = """async () => {
  let layers = 0;
  for (const connection of __probe.live())
    for (const report of await __probe.reports(connection))
      if (report.type === 'outbound-rtp' && report.rid && report.framesSent > 10) layers += 1;
  return layers;
}"""
RECEIVED_HEIGHT = """async () => {
  for (const connection of __probe.live())
    for (const report of await __probe.reports(connection))
      if (report.type === 'inbound-rtp' && report.kind === 'video') return report.frameHeight ?? 0;
  return 0;
}"""


def test_three_layers_are_sent_and_each_gets_what_its_window_shows(
    meet_on_sfu: Meet, person: Callable[..., Person]
) -> None:
    [ada] = meet_on_sfu("Ada")
    ada.page.keyboard.press("v")  # tabs of one browser share the camera, and its size
    bo = person("Bo")
    bo.context.add_init_script("__probe.small = false")
    bo.page.set_viewport_size({"width": 480, "height": 360})
    bo.join(ada.page.url)
    ada.expect_others(1)
    bo.until(f"async () => (await ({SENT_LAYERS})()) === 3")
    ada.page.set_viewport_size({"width": 1600, "height": 1000})
    ada.until(f"async () => (await ({RECEIVED_HEIGHT})()) >= 700")
    ada.page.set_viewport_size({"width": 360, "height": 420})
    ada.until(f"async () => {{ const h = await ({RECEIVED_HEIGHT})(); return h > 0 && h < 300; }}")
    ada.expect_moving(bo.own_id)


@pytest.mark.parametrize("sfu_server", [{"CROSSOVER_SFU_PORTABLE": "1"}], indirect=True)
def test_plain_sockets_carry_a_call_as_well(meet_on_sfu: Meet) -> None:
    people = meet_on_sfu("Ada", "Bo", "Cleo")
    each_sees_each(people)
    people[0].say("by plain sockets")
    people[1].expect_said("by plain sockets")
