import pytest

from benchmarks import comparison_points, comparison_table
from benchmarks.browser.comparison import Called, Count, Reading, Ways, received, sent
from benchmarks.comparison_points import Delays
from benchmarks.load.comparison import Burden, Measured, Usage
from benchmarks.passage import Mode
from benchmarks.peers.synthetic.latency import Latencies

CALM = Burden(share=0.2, late=0.0, worst=0.0, waited=0.0)
BUSY = Burden(share=0.95, late=0.0, worst=0.1, waited=0.0)


def room(
    mode: Mode, people: int, up: float, down: float, burden: Burden = CALM, delay: float = 0.001
) -> Measured:
    media, messages = Latencies(), Latencies()
    media.add(delay)
    messages.add(2 * delay)
    return Measured(
        mode=mode,
        people=people,
        uploads=[Usage(up, 80, 1000)] * people,
        downloads=[Usage(down, 80 * (people - 1), 2000)] * people,
        connections=2,
        rate=100_000,
        client_cpu=0.1,
        server_cpu=0.3,
        media=media,
        messages=messages,
        lost=0,
        joined=0.05,
        burden=burden,
        kernel=1.0,
    )


def test_rounds_of_the_same_room_become_one_point() -> None:
    rooms = [room("sfu", 3, 101_000, 200_000), room("sfu", 3, 99_000, 198_000)]
    points = comparison_points.points([*rooms, room("mesh", 3, 200_000, 200_000)])
    point = points["sfu"][3]
    assert (point.upload, point.download, point.rate) == (100, 199, 100)
    assert point.errors == pytest.approx([1, 1, 1, 0, 0, 0, -1, -1, -1, -1, -1, -1])
    assert point.whole_cpu == pytest.approx(0.1 + 0.3 / 3)
    assert point.joined == 50
    assert points["mesh"][3].errors == pytest.approx([0] * 6)


def test_rooms_of_a_busy_load_generator_tell_no_delays() -> None:
    one = comparison_points.points([room("sfu", 3, 1e5, 2e5, BUSY)])["sfu"][3]
    assert one.media is one.messages is None
    assert one.upload == 100
    both = [room("sfu", 3, 1e5, 2e5, BUSY, delay=0.5), room("sfu", 3, 1e5, 2e5, delay=0.001)]
    told = comparison_points.points(both)["sfu"][3].media
    assert told is not None
    assert told.p99 == pytest.approx(1, rel=0.03)


def test_points_outlive_a_record() -> None:
    points = comparison_points.points(
        [room("sfu", 2, 1e5, 1e5), room("sfu", 4, 1e5, 3e5, BUSY), room("sfu", 6, 1e5, 5e5)]
    )["sfu"]
    samples = comparison_points.to_samples("loopback, sfu", points)
    read = comparison_points.from_samples("loopback, sfu", samples)
    assert read.keys() == points.keys()
    assert read[4].media is None
    assert read[6].upload == pytest.approx(points[6].upload)
    assert isinstance(read[2].media, Delays)
    assert comparison_points.from_samples("elsewhere", samples) == {}
    assert comparison_points.to_samples("nothing", {}) == {}


def test_a_row_shows_measured_formula_and_error() -> None:
    near = comparison_points.points([room("mesh", 3, 202_000, 200_000), room("sfu", 3, 1e5, 2e5)])
    [table] = comparison_table.tables(near, {"mesh": {}, "sfu": {}})
    rows = [line for line in table.splitlines() if line.startswith("| 3")]
    assert [row.split(" | ")[1] for row in rows] == ["mesh", "SFU"]
    assert " 202 | 200 | +1.00 % | 200 | 200 | +0.00 % " in rows[0]
    assert len({line.count("|") for line in table.splitlines() if line.startswith("|")}) == 1


def reading(at: float, packets: int) -> Reading:
    media = Count(octets=1000 * packets, headers=30 * packets, packets=packets)
    carried = Count(octets=1046 * packets + 500, headers=0, packets=packets + 5)
    ways = Ways(media, media), Ways(carried, carried)
    return Reading(at=at, connections=1, media=ways[0], transport=ways[1], pictures=1)


def test_what_pages_count_becomes_bits_on_the_wire() -> None:
    before, after = reading(1000, 100), reading(3000, 300)
    for usage in (sent(before, after), received(before, after)):
        assert usage.packets == 100
        assert usage.media == 8 * 100 * (1000 + 30 + 16 + 28)
        assert usage.beside == 0  # as much came between the two readings as was media


def test_the_rate_in_chromium_is_that_of_what_is_received() -> None:
    users = [Usage(100_000, 50, 0)] * 4
    called = Called("sfu", 4, users, [Usage(294_000, 150, 0)] * 4, 2, 0.5, 0.1)
    point = comparison_points.calls([called])["sfu"][4]
    assert point.rate == 98
    assert point.errors == pytest.approx([100 * (100 / 98 - 1)])
