import pytest

from benchmarks.emulation.pipe_log import Fate, Packets, PipeLog


@pytest.fixture
def packets() -> Packets:
    log = PipeLog()
    for came, waited, fate in (
        (10.0, 0.0, Fate.CARRIED),
        (10.1, 0.25, Fate.LOST),
        (10.2, 0.5, Fate.CARRIED),
    ):
        log.left(log.enter(came, 1250, Fate.WAITING), fate, came + waited, waited)
    log.enter(10.3, 1250, Fate.DROPPED)
    log.enter(10.4, 1250, Fate.WAITING)
    return log.told(10.0)


def test_times_count_from_the_beginning(packets: Packets) -> None:
    assert packets.came == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
    assert packets.left[:3] == pytest.approx([0.0, 0.35, 0.7])


def test_what_became_of_them_is_counted(packets: Packets) -> None:
    assert packets.count(Fate.CARRIED) == 2
    assert packets.count(Fate.DROPPED, Fate.WAITING) == 2
    assert packets.share_lost() == pytest.approx(1 / 3)
    assert packets.delays().tolist() == pytest.approx([0.0, 0.25, 0.5])
    assert "5 packets, 2 carried, 1 lost, 1 dropped" in packets.in_words()


def test_rates_and_delays_by_slices_of_time(packets: Packets) -> None:
    assert packets.rates(0, 1, 0.5).tolist() == [40_000, 20_000]
    assert packets.worst_delays(0, 0.4, 0.2).tolist() == pytest.approx([0.25, 0.5])


def test_a_stretch_of_it(packets: Packets) -> None:
    some = packets.between(0.05, 0.25)
    assert some.fates == [Fate.LOST, Fate.CARRIED]
    assert packets.between(2, 3).in_words().startswith("0 packets")
