from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.browser import large_room
from benchmarks.browser.large_room import Crowded
from benchmarks.browser.network_runs import PUBLISHER, Connection, Run
from benchmarks.emulation.plans import named
from benchmarks.gaps import Window
from benchmarks.questions import networks
from benchmarks.questions.networks import TRIALS, Trial
from benchmarks.record import Findings, record
from sfu.control.messages import StatisticsTold
from sfu.control.statistics import EncodingStatistics, ProducerStatistics
from tests.benchmarks.network_calls import a_dip, publisher, subscriber


@pytest.fixture
def findings() -> Findings:
    return Findings(parameters={}, figures=[], samples={})


DIP = next(one for one in TRIALS if one.plan.name == "downlink-dip")


def test_a_run_becomes_figures_samples_and_a_note(findings: Findings, tmp_path: Path) -> None:
    networks.note(a_dip(), DIP, findings)
    assert all(one.met is not False for one in findings.figures)
    (note,) = findings.notes
    assert "sent 15.0 of 15 frames a second" in note
    assert "too slow or too busy" not in note
    estimates = findings.samples["downlink-dip: estimate, kbit/s"]
    assert estimates == [4000, 480, 4000]
    networks.draw(record("networks", True, findings), tmp_path)
    assert {path.name for path in tmp_path.glob("*.svg")} == {
        "networks.svg",
        "networks_downlink-dip.svg",
    }


def test_a_call_that_did_not_come_about_breaks_a_bar(findings: Findings) -> None:
    networks.note(Run(named("downlink-dip"), fault="Subscriber saw no picture"), DIP, findings)
    (figure,) = findings.figures
    assert figure.met is False
    assert findings.notes == ["downlink-dip: Subscriber saw no picture."]


@pytest.mark.parametrize(
    "busy",
    [
        {"others": 0.5},
        {"watchers": {PUBLISHER: publisher(frames=10)}},
        {"watchers": {PUBLISHER: publisher(limited="cpu")}},
    ],
)
def test_a_machine_that_is_too_busy_is_named(busy: dict[str, object]) -> None:
    run = a_dip()
    assert "too busy" in networks.in_words(replace(run, **(busy | {})))  # type: ignore[arg-type]


def test_connections_by_tcp(findings: Findings) -> None:
    networks.note_connection("udp-blocked", Connection(1.5, ("tcp",)), findings)
    assert [one.met for one in findings.figures] == [True, True]
    assert "by tcp" in findings.figures[1].name
    networks.note_connection("udp-blocked", Connection(None, fault="no picture"), findings)
    assert findings.figures[2].met is False
    assert findings.notes == ["udp-blocked: no picture."]


def test_ways_by_a_relay_are_those_by_nothing_else(findings: Findings) -> None:
    outcomes = [
        Connection(1.0, ("tls by relay",)),
        Connection(1.0, ("tcp by relay", "udp")),
        Connection(None, fault="no picture"),
    ]
    networks.note_relays(["sfu, tls", "sfu, tcp", "mesh, udp"], outcomes, findings)
    (figure,) = findings.figures
    assert (figure.value, figure.met) == (1, False)
    assert findings.notes == [
        "TURN only, sfu, tcp: tcp by relay, udp.",
        "TURN only, mesh, udp: no picture.",
    ]


def test_a_large_room_is_held_to_what_it_needs(findings: Findings) -> None:
    networks.note_crowd(25, Crowded(9, 4, 1.2e6, 1e6), findings)
    networks.note_crowd(25, Crowded(24, 24, 2e6, 1e6), findings)
    networks.note_crowd(25, Crowded(fault="nobody came"), findings)
    kept = [one.met for one in findings.figures if one.bar is not None]
    assert kept == [True, False, False]
    assert findings.notes == ["room of 25: nobody came."]


def test_what_a_large_room_needs_is_the_smallest_size_of_what_is_shown() -> None:
    told = StatisticsTold(request=1, transports=[], producers=[])
    for number in range(5):
        for kind, bitrates in (("video", (60e3, 200e3)), ("audio", (30e3,))):
            encodings = [
                EncodingStatistics(spatial_layer=layer, alive=True, bitrate=bitrate)
                for layer, bitrate in enumerate(bitrates)
            ]
            told.producers.append(
                ProducerStatistics(
                    id=f"{kind} {number}",
                    transport_id="t",
                    member_id=f"{number}",
                    kind=kind,  # type: ignore[arg-type]
                    source="camera",
                    paused=False,
                    encodings=encodings,
                )
            )
    watcher = subscriber([], 30_000)
    crowd = large_room.arithmetic(watcher, told, Window(0, 60), most_shown=3, loudest=2)
    assert crowd.needed == 3 * 60e3 + 2 * 30e3
    assert crowd.received == 8 * 35_000


def test_every_trial_has_a_plan_of_its_own() -> None:
    names = [one.plan.name for one in TRIALS]
    assert len(set(names)) == len(names)
    assert all(isinstance(one, Trial) for one in TRIALS)


def test_nothing_is_drawn_of_nothing(findings: Findings, tmp_path: Path) -> None:
    networks.draw(record("networks", True, findings), tmp_path)
    assert list(tmp_path.iterdir()) == []
