"""Who is there, and who takes the next room."""

import msgspec

from sfu.control.messages import WorkerStatus
from signaling.media.pressure import WorkerLimits
from signaling.media.workers import Workers
from signaling.media_plane import SfuState


def status(name: str, load: float = 0.0, *routers: str) -> WorkerStatus:
    return WorkerStatus(
        worker=name, process=1, load=load, routers=0, transports=0, router_ids=list(routers)
    )


def test_states() -> None:
    workers = Workers(room_members=50)
    states = [(workers.state, workers.capacity())]

    def then() -> None:
        states.append((workers.state, workers.capacity()))

    workers.expect()
    then()
    workers.connect("a", status("a"), 0.0)
    then()
    workers.connect("b", status("b"), 0.0)
    assert workers.lose("a") is not None
    then()
    assert workers.lose("b") is not None
    then()
    assert workers.lose("b") is None
    workers.despair()
    then()
    assert states == [
        (SfuState.NONE, 0),
        (SfuState.STARTING, 50),
        (SfuState.READY, 50),
        (SfuState.READY, 50),
        (SfuState.LOST, 50),
        (SfuState.NONE, 0),
    ]


def test_nobody_to_choose() -> None:
    workers = Workers()
    workers.expect()
    assert workers.choose("r") is None


def test_who_has_the_router_already_is_chosen_however_busy() -> None:
    workers = Workers()
    workers.connect("a", status("a"), 0.0)
    workers.connect("b", status("b", 0.99, "r", "s"), 0.0)
    assert workers.choose("r") == "b"
    assert workers.choose("other") == "a"


def test_load_comes_before_rooms_but_only_in_tenths() -> None:
    workers = Workers()
    workers.connect("a", status("a", 0.31), 0.0).carried |= {"1", "2"}
    workers.connect("b", status("b", 0.39), 0.0).carried |= {"3"}
    workers.connect("c", status("c", 0.41), 0.0)
    assert workers.choose("r") == "b"


def test_equals_are_chosen_by_name() -> None:
    workers = Workers()
    workers.connect("b", status("b"), 0.0)
    workers.connect("a", status("a"), 0.0)
    assert workers.choose("r") == "a"


def draining(name: str, seconds: float = 30.0) -> WorkerStatus:
    return msgspec.structs.replace(status(name), drain_seconds=seconds)


def test_a_worker_that_drains_takes_nothing_and_keeps_what_it_has() -> None:
    workers = Workers()
    workers.connect("a", status("a"), 0.0).carried.add("r")
    assert workers.hear("a", draining("a"), 1.0), "what may be given to it has changed"
    assert not workers.hear("a", draining("a", 29.0), 2.0)
    assert workers.choose("r2") is None
    assert workers.choose("r2", homeless=True) is None
    assert (workers.state, workers.state_for("r")) == (SfuState.DRAINING, SfuState.DRAINING)
    workers.connect("b", status("b", 0.9), 2.0)
    assert workers.state is SfuState.FULL
    assert workers.state_for("r") is SfuState.READY, "it moves, even to one that is full"
    assert (workers.choose("r2"), workers.choose_for_moved()) == (None, "b")
    assert workers.choose("r2", homeless=True) == "b"
    workers.connect("c", status("c"), 2.0)
    assert (workers.state, workers.choose("r2"), workers.choose_for_moved()) == (
        SfuState.READY,
        "c",
        "c",
    )


def test_who_has_a_router_is_preferred_even_while_it_drains_but_not_to_another_that_has_it() -> (
    None
):
    workers = Workers()
    workers.connect("a", msgspec.structs.replace(draining("a"), router_ids=["r"]), 0.0)
    workers.connect("b", status("b"), 0.0)
    assert workers.choose("r") == "a"
    workers.connect("c", status("c", 0.5, "r"), 0.0)
    assert workers.choose("r") == "c"


def test_full_workers_keep_their_rooms_up_to_the_hard_limit() -> None:
    workers = Workers(limits=WorkerLimits(load=0.8))
    workers.connect("a", status("a", 0.85), 0.0).carried.add("mine")
    assert (workers.state, workers.state_for("mine")) == (SfuState.FULL, SfuState.READY)
    assert workers.state_for("another") is SfuState.FULL
    for second in range(1, 60):
        workers.hear("a", status("a", 0.95), float(second))
    assert workers.state_for("mine") is SfuState.FULL
