import pytest

from benchmarks.peers.synthetic import Refused, Router, SyntheticPeer, WorkerControl
from sfu.control.messages import StatisticsTold, TellStatistics


async def ask(control: WorkerControl, router_id: str) -> StatisticsTold:
    return await control.ask(
        lambda request: TellStatistics(request=request, router_id=router_id), StatisticsTold
    )


async def test_a_room_tells_how_its_transports_and_producers_are(
    control: WorkerControl, room: Router
) -> None:
    ada, bob = (SyntheticPeer(room.member(name), data=True) for name in ("ada", "bob"))
    camera = await ada.publish_video(900_000, rids=("r0", "r1", "r2"))
    view = await bob.subscribe(camera.id)
    await bob.until(lambda: view.received > 60)
    told = await ask(control, room.id)
    (producer,) = told.producers
    assert (producer.member_id, producer.kind, producer.source) == ("ada", "video", "camera")
    assert [one.spatial_layer for one in producer.encodings] == [0, 1, 2]
    assert all(one.alive for one in producer.encodings)
    of_bob = next(one for one in told.transports if one.consumers)
    (consumer,) = of_bob.consumers
    assert (of_bob.member_id, consumer.producer_id) == ("bob", camera.id)
    assert consumer.spatial_layer is not None
    await bob.signaling.set_consumer(view.id, paused=True)
    told = await ask(control, room.id)
    (consumer,) = next(one for one in told.transports if one.consumers).consumers
    assert (consumer.paused, consumer.spatial_layer) == (True, None)
    for one in (ada, bob):
        one.close()


async def test_of_a_room_that_is_not_there_nothing_is_told(control: WorkerControl) -> None:
    with pytest.raises(Refused, match="no router"):
        await ask(control, "elsewhere")
