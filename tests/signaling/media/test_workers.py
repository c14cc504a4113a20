"""Who is there, and who takes the next room."""

from sfu.control.messages import WorkerStatus
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
    workers.connect("a", status("a"))
    then()
    workers.connect("b", status("b"))
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
    workers.connect("a", status("a"))
    workers.connect("b", status("b", 0.99, "r", "s"))
    assert workers.choose("r") == "b"
    assert workers.choose("other") == "a"


def test_load_comes_before_rooms_but_only_in_tenths() -> None:
    workers = Workers()
    workers.connect("a", status("a", 0.31)).carried |= {"1", "2"}
    workers.connect("b", status("b", 0.39)).carried |= {"3"}
    workers.connect("c", status("c", 0.41))
    assert workers.choose("r") == "b"


def test_equals_are_chosen_by_name() -> None:
    workers = Workers()
    workers.connect("b", status("b"))
    workers.connect("a", status("a"))
    assert workers.choose("r") == "a"
