"""Whether what signaling knows of routers is what the workers have."""

from signaling.media.sfu_room import SfuRoom
from tests.support.fake_worker import FakeRouter, FakeWorker
from tests.support.stage import Stage


def agree(stage: Stage) -> None:
    """Nothing is unanswered; both sides hold the same."""
    assert stage.unanswered == []
    sfu = stage.exchange.sfu
    for room in sfu.rooms.values():
        assert room.id in stage.registry.index
        if room.rtp_capabilities is None:
            assert room.transports == {}
            continue
        assert room.worker is not None
        _same(room, stage.workers[room.worker].routers[room.id])
        assert set(room.entered) <= set(stage.registry.index.get(room.id).members)
    for name, worker in stage.workers.items():
        _accounted_for(stage, name, worker)
    holding = {it: room for room in sfu.rooms.values() for it in room.transports}
    assert sfu._holding == holding


def _accounted_for(stage: Stage, name: str, worker: FakeWorker) -> None:
    """Every router belongs to a room, or waits for one to come back."""
    known = stage.exchange.sfu.workers.find(name)
    assert known is not None
    carried = {room.id for room in stage.exchange.sfu.rooms.values() if room.worker == name}
    assert known.carried == carried
    assert set(worker.routers) <= carried | known.found
    assert not carried & known.found


def _same(room: SfuRoom, router: FakeRouter) -> None:
    ours = {one.id: one.member_id for one in room.transports.values()}
    assert ours == {one.id: one.member_id for one in router.transports.values()}
    assert {
        it: (p.transport.id, p.kind, p.source, p.paused) for it, p in room.producers.items()
    } == {it: (p.transport_id, p.kind, p.source, p.paused) for it, p in router.producers().items()}
    assert all(producer.ready for producer in room.producers.values())
    assert {it: (p.transport.id, p.label) for it, p in room.data_producers.items()} == {
        it: (p.transport_id, p.label) for it, p in router.data_producers().items()
    }
    for transport in room.transports.values():
        truth = router.transports[transport.id]
        assert transport.ready
        if not transport.found:
            assert {it: p.id for it, p in transport.consumers.items()} == truth.consumers
            assert {it: p.id for it, p in transport.data_consumers.items()} == truth.data_consumers
        for consumer_id, producer in transport.consumers.items():
            assert producer.consumers[consumer_id] is transport
    received = [one.consumers for one in room.producers.values()]
    received += [one.consumers for one in room.data_producers.values()]
    for consumers in received:
        for consumer_id, transport in consumers.items():
            assert consumer_id in [*transport.consumers, *transport.data_consumers]
