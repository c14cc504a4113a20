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


def received(field: str) -> str:
    """A script that reads a field of the picture that is received."""
    return f"""async () => {{
  for (const connection of __probe.live())
    for (const report of await __probe.reports(connection))
      if (report.type === 'inbound-rtp' && report.kind === 'video') return report.{field} ?? 0;
  return 0;
}}"""


SCALABILITY = """async () => {
  for (const connection of __probe.live())
    for (const report of await __probe.reports(connection))
      if (report.type === 'outbound-rtp' && report.kind === 'video')
        return report.scalabilityMode ?? '';
  return '';
}"""
KEEP_CONSUMERS = """__probe.consumed = [];
__probe.onframe = (data) => {
  const { type, roomId, consumer } = JSON.parse(data);
  if (type === 'consumed' && consumer.kind === 'video')
    __probe.consumed.push({ roomId, consumerId: consumer.id });
};"""
LIMIT = """(temporalLayer) => __probe.sockets.at(-1).send(
  JSON.stringify({ type: 'set-consumer', id: 999999, ...__probe.consumed.at(-1), temporalLayer })
)"""


def test_half_of_the_frames_can_be_left_out_and_come_back(
    meet_on_sfu: Meet, person: Callable[..., Person]
) -> None:
    [ada] = meet_on_sfu("Ada")
    bo = person("Bo")
    bo.context.add_init_script(KEEP_CONSUMERS)
    bo.join(ada.page.url)
    rate = received("framesPerSecond")
    bo.until(f"async () => (await ({rate})()) >= 8")
    bo.until("() => __probe.consumed.length > 0")
    key_frames = bo.page.evaluate(received("keyFramesDecoded"))
    bo.page.evaluate(LIMIT, 1)
    bo.until(f"async () => {{ const r = await ({rate})(); return r > 0 && r <= 6; }}")
    bo.page.evaluate(LIMIT, 2)
    bo.until(f"async () => (await ({rate})()) >= 8")
    assert bo.page.evaluate(received("keyFramesDecoded")) == key_frames, "it needed no new start"
    bo.expect_moving(ada.own_id)


def test_spatial_layers_of_one_stream_fall_and_rise(
    meet_on_sfu: Meet, person: Callable[..., Person]
) -> None:
    [ada] = meet_on_sfu("Ada")
    ada.page.keyboard.press("v")
    bo = person("Bo")
    bo.context.add_init_script("__probe.small = false")
    bo.page.set_viewport_size({"width": 480, "height": 360})
    bo.join(f"{ada.page.url.partition('?')[0]}?codec=vp9")
    ada.page.set_viewport_size({"width": 1600, "height": 1000})
    bo.until(f"async () => /^L[23]T3_KEY$/.test(await ({SCALABILITY})())")
    height = received("frameHeight")
    ada.until(f"async () => (await ({height})()) >= 700")
    ada.page.set_viewport_size({"width": 360, "height": 420})
    ada.until(f"async () => {{ const h = await ({height})(); return h > 0 && h < 400; }}")
    ada.page.set_viewport_size({"width": 1600, "height": 1000})
    ada.until(f"async () => (await ({height})()) >= 700")
    ada.expect_moving(bo.own_id)
