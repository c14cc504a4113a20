"""Who is there, and who takes the next room."""

from sfu.control.messages import WorkerStatus
from signaling.media.workers import Workers


def status(name: str, load: float = 0.0, *routers: str) -> WorkerStatus:
    return WorkerStatus(
        worker=name, process=1, load=load, routers=0, transports=0, router_ids=list(routers)
    )


def test_alive_while_a_worker_is_there_or_is_hoped_for() -> None:
    workers = Workers(room_members=50)
    assert (workers.alive, workers.capacity()) == (False, 0)
    workers.hoping = True
    assert (workers.alive, workers.capacity()) == (True, 50)
    workers.hoping = False
    workers.connect("a", status("a"))
    assert (workers.alive, workers.capacity()) == (True, 50)
    assert workers.lose("a") is not None
    assert workers.lose("a") is None
    assert workers.alive is False


def test_nobody_to_choose() -> None:
    assert Workers(hoping=True).choose("r") is None


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
