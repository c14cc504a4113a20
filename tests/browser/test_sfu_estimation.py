"""What Chromium says of the packets it is sent, and what the server makes of it."""

import re
import time
import urllib.request
from collections.abc import Callable

import pytest

from tests.browser.people import PATIENCE, Person, each_sees_each
from tests.support.coturn import free_port

Meet = Callable[..., list[Person]]

METRICS = f"127.0.0.1:{free_port()}"

NEGOTIATED = """() => {
  const received = __probe.live()
    .map((one) => one.remoteDescription.sdp)
    .find((sdp) => sdp.includes('a=sendonly'));
  const of = (kind) => received.split('m=').find((part) => part.startsWith(kind));
  const has = (kind, line) => new RegExp(`a=rtcp-fb:\\\\d+ ${line}\\\\r`).test(of(kind));
  return [has('audio', 'nack'), has('audio', 'transport-cc'), has('video', 'transport-cc'),
          has('video', 'goog-remb')];
}"""


def metric(name: str) -> float:
    """The sum of a metric's values."""
    with urllib.request.urlopen(f"http://{METRICS}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    values = [line.rpartition(" ")[2] for line in lines if re.match(rf"{name}[ {{]", line)]
    return sum(map(float, values))


def until(someone: Person, condition: Callable[[], bool]) -> None:
    """Waits while calls go on."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        someone.page.wait_for_timeout(100)


@pytest.mark.parametrize("sfu_server", [{"CROSSOVER_METRICS": METRICS}], indirect=True)
def test_networks_of_browsers_are_estimated(meet_on_sfu: Meet) -> None:
    people = meet_on_sfu("Ada", "Bo")
    each_sees_each(people)
    for one in people:
        assert one.page.evaluate(NEGOTIATED) == [True, True, True, False]
    until(people[0], lambda: metric("crossover_sfu_subscribers_estimated") == 2)
    until(people[0], lambda: metric("crossover_sfu_subscribers_limited") == 0)
    assert metric("crossover_sfu_estimated_bits_per_second") > 2 * 100_000
    assert metric("crossover_sfu_transport_feedback_total") > 10
