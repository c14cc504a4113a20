"""A full room through the server: browsers among synthetic people."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import PATIENCE, Person, each_sees_each
from tests.browser.synthetic_people import SyntheticPeople
from tests.support.server_process import ServerProcess

RECEIVED = """async () => {
  const streams = [];
  for (const connection of __probe.live())
    for (const report of await __probe.reports(connection))
      if (report.type === 'inbound-rtp' && report.packetsReceived > 0) streams.push(report.kind);
  return streams.length;
}"""


@pytest.mark.parametrize("sfu_server", [{"CROSSOVER_LOUDEST": "0"}], indirect=True)
def test_four_tabs_and_eight_synthetic_people_share_a_room(
    meet_on_sfu: Callable[..., list[Person]], sfu_server: ServerProcess
) -> None:
    people = meet_on_sfu("Ada", "Bo", "Cleo", "Dee")
    each_sees_each(people)
    room_id = people[0].page.url.rpartition("/")[2]
    with SyntheticPeople(sfu_server.url, room_id, 8) as synthetic:
        synthetic.receive_everybody(11)
        for person in people:
            expect(person.others).to_have_count(11, timeout=PATIENCE)
            person.until(f"async (n) => (await ({RECEIVED})()) >= n", 22)
        for person, other in zip(people, [*people[1:], people[0]], strict=True):
            person.expect_moving(other.own_id)
        synthetic.expect_no_loss()
        assert sfu_server.health()["sfu"]["transports"] == 24
