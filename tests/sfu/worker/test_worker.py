"""A whole worker, with synthetic peers over real ICE, DTLS and SRTP, in both forms of its port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from benchmarks.peers.synthetic import Refused, Router, SyntheticPeer, WorkerControl
from sfu.control import messages
from sfu.control.messages import LayersChanged, TransportClosed, TransportConnected
from sfu.units import Seconds
from sfu.worker.addresses import candidates
from sfu.worker.app import Worker


async def held(control: WorkerControl, router: Router) -> messages.RouterOpened:
    """What a router holds, told to whoever opens it again."""
    return await control.ask(
        lambda request: messages.OpenRouter(
            request=request, room_id="a room", router_id=router.id, generation=1
        ),
        messages.RouterOpened,
    )


@asynccontextmanager
async def people(room: Router, *names: str) -> AsyncIterator[list[SyntheticPeer]]:
    """Peers that say goodbye in the end."""
    made = [SyntheticPeer(room.member(name), data=True) for name in names]
    try:
        yield made
    finally:
        for one in made:
            one.close()


async def test_picture_and_sound_reach_everybody_unharmed(
    control: WorkerControl, room: Router
) -> None:
    async with people(room, "ada", "bob", "cleo") as (ada, *others):
        camera = await ada.publish_video(400_000)
        microphone = await ada.publish_audio()
        for other in others:
            picture = await other.subscribe(camera.id)
            sound = await other.subscribe(microphone.id)
            await other.until(lambda p=picture, s=sound: p.received > 60 and s.received > 30)  # type: ignore[misc]
            for stream in (picture.stream, sound.stream):
                assert stream.log.lost == stream.log.duplicates == stream.corrupt == 0
            assert picture.stream.key_frames >= 1
            assert picture.stream.picture_gaps == 0
        feedback = ada.legs["send"].transport.media.publishing.feedback
        await ada.until(lambda: feedback.transport > 2 and bool(feedback.receiver_reports))
        assert feedback.receiver_reports[-1].fraction_lost == 0
    connected = control.reports_of(TransportConnected)
    assert len(connected) == 3


async def test_a_late_joiner_begins_with_a_key_frame(room: Router) -> None:
    async with people(room, "ada", "bob") as (ada, bob):
        camera = await ada.publish_video(400_000)
        sent = ada.legs["send"].transport.media.publishing
        await ada.until(lambda: camera.sent > 100)
        view = await bob.subscribe(camera.id)
        await bob.until(lambda: view.received > 30)
        assert view.stream.key_frames >= 1
        assert sent.feedback.pictures >= 1
        assert view.stream.log.lost == 0


async def test_simulcast_layers_change_at_key_frames_without_a_gap(
    control: WorkerControl, room: Router
) -> None:
    async with people(room, "ada", "bob") as (ada, bob):
        camera = await ada.publish_video(900_000, rids=("r0", "r1", "r2"))
        view = await bob.subscribe(camera.id)
        await bob.until(lambda: view.received > 60)

        def layer() -> int | None:
            changes = [
                one for one in control.reports_of(LayersChanged) if isinstance(one, LayersChanged)
            ]
            return changes[-1].spatial_layer if changes else None

        await bob.until(lambda: layer() == 2)
        for wanted in (0, 1, 2):
            frames = view.stream.key_frames
            await bob.signaling.set_consumer(view.id, spatial_layer=wanted)
            await bob.until(
                lambda w=wanted, f=frames: layer() == w and view.stream.key_frames > f  # type: ignore[misc]
            )
            before = view.received
            await bob.until(lambda b=before: view.received > b + 20)  # type: ignore[misc]
        assert view.stream.log.lost == 0
        assert view.stream.log.duplicates == 0


async def test_pausing_on_either_side_stops_and_starts_the_stream(room: Router) -> None:
    async with people(room, "ada", "bob") as (ada, bob):
        camera = await ada.publish_video(400_000)
        microphone = await ada.publish_audio()
        view = await bob.subscribe(camera.id)
        sound = await bob.subscribe(microphone.id)
        await bob.until(lambda: view.received > 20)
        for stop, go in (
            (
                bob.signaling.set_consumer(view.id, paused=True),
                bob.signaling.set_consumer(view.id, paused=False),
            ),
            (
                ada.signaling.set_producer(camera.id, True),
                ada.signaling.set_producer(camera.id, False),
            ),
        ):
            await stop
            heard = sound.received
            await bob.until(lambda h=heard: sound.received > h + 5)  # type: ignore[misc]
            seen = view.received
            heard = sound.received
            await bob.until(lambda h=heard: sound.received > h + 20)  # type: ignore[misc]
            assert view.received == seen
            await go
            await bob.until(lambda s=seen: view.received > s + 20)  # type: ignore[misc]
        assert view.stream.log.lost == 0


async def test_a_peer_moves_to_another_address_and_restarts_ice(room: Router) -> None:
    async with people(room, "ada", "bob") as (ada, bob):
        camera = await ada.publish_video(400_000)
        view = await bob.subscribe(camera.id)
        await bob.until(lambda: view.received > 20)
        for move in (
            (await bob.leg("recv")).transport.move,
            (await ada.leg("send")).transport.move,
        ):
            move()
            before = view.received
            await bob.until(lambda b=before: view.received > b + 50)  # type: ignore[misc]
        await bob.restart_ice()
        before = view.received
        await bob.until(lambda: view.received > before + 50)
        assert view.stream.corrupt == 0


async def test_a_check_that_somebody_else_repeats_moves_nothing(
    room: Router, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    overheard: dict[bytes, bytes] = {}
    receive_stun = worker.engine.receive_stun

    def overhear(data: bytes, source: bytes, now: Seconds) -> None:
        overheard.setdefault(source, data)
        receive_stun(data, source, now)

    monkeypatch.setattr(worker.engine, "receive_stun", overhear)
    async with people(room, "ada", "bob") as (ada, bob):
        camera = await ada.publish_video(400_000)
        view = await bob.subscribe(camera.id)
        await bob.until(lambda: view.received > 20)
        transports = [ada.legs["send"].transport, bob.legs["recv"].transport]
        checks = {worker.port.udp.address(*one.local_address): one for one in transports}
        assert set(overheard) == set(checks)
        for source, check in list(overheard.items()):
            for other, transport in checks.items():
                if other != source:
                    transport.send_raw(check)
        before = view.received
        await bob.until(lambda: view.received > before + 60)
        assert view.stream.log.lost == 0
        assert view.stream.recovered == 0
        assert worker.engine.reception.counts.refused == 0


async def test_peers_by_ipv6_and_ipv4_share_a_room(room: Router, worker: Worker) -> None:
    ada, bob = SyntheticPeer(room.member("ada"), host="::1"), SyntheticPeer(room.member("bob"))
    async with ada, bob:
        by_ipv4 = worker.engine.candidates
        worker.engine.candidates = candidates(("::1",), worker.udp_port, [6])
        await ada.leg("send")
        await ada.leg("recv")
        worker.engine.candidates = by_ipv4
        camera = await ada.publish_video(300_000)
        view = await bob.subscribe(camera.id)
        await bob.until(lambda: view.received > 20)
        microphone = await bob.publish_audio()
        sound = await ada.subscribe(microphone.id)
        await ada.until(lambda: sound.received > 20)


async def test_the_end_of_a_peer_ends_what_it_published(
    control: WorkerControl, room: Router, worker: Worker
) -> None:
    async with people(room, "ada", "bob") as (ada, bob):
        camera = await ada.publish_video(300_000)
        view = await bob.subscribe(camera.id)
        await bob.until(lambda: view.received > 20)
        ada.close()
        await bob.until(lambda: bool(control.reports_of(TransportClosed)))
        [closed] = control.reports_of(TransportClosed)
        assert isinstance(closed, TransportClosed)
        assert closed.reason == "peer-closed"
        now_held = await held(control, room)
        assert now_held.producers == []
        assert [one.member_id for one in now_held.transports] == ["bob"]
        with pytest.raises(Refused) as refused:
            await bob.subscribe(camera.id)
        assert refused.value.code == "producer-not-found"
    await room.close()
    assert not worker.engine.transports
    assert not worker.engine.routers
    assert not worker.engine.datagrams.senders


async def test_media_goes_on_without_signaling_and_is_found_again(
    worker: Worker, tmp_path: Path
) -> None:
    path = tmp_path / "w.sock"
    async with WorkerControl.connected(path) as control:
        room = await control.open_router("a room", "the-router")
        ada, bob = SyntheticPeer(room.member("ada")), SyntheticPeer(room.member("bob"))
        camera = await ada.publish_video(300_000)
        view = await bob.subscribe(camera.id)
        await bob.until(lambda: view.received > 20)
    before = view.received
    await bob.until(lambda: view.received > before + 50)
    async with WorkerControl.connected(path) as control:
        again = await control.open_router("a room", "the-router")
        found = await held(control, again)
        assert [one.id for one in found.producers] == [camera.id]
        assert {one.member_id for one in found.transports} == {"ada", "bob"}
        await again.close()
    ada.vanish()
    bob.vanish()


async def test_commands_that_make_no_sense_are_refused_and_change_nothing(
    control: WorkerControl, room: Router
) -> None:
    async with people(room, "ada") as (ada,):
        camera = await ada.publish_video(300_000)
        transport = ada.legs["send"].id
        for code, command in (
            (
                "transport-not-found",
                lambda n: messages.RestartIce(request=n, transport_id="nobody"),
            ),
            (
                "producer-not-found",
                lambda n: messages.SetProducer(request=n, producer_id="nobody", paused=True),
            ),
            (
                "consumer-not-found",
                lambda n: messages.SetConsumer(request=n, consumer_id="nobody", paused=True),
            ),
            (
                "router-not-found",
                lambda n: messages.OpenTransport(
                    request=n, router_id="nobody", member_id="m", transport_id="t"
                ),
            ),
            (
                "id-taken",
                lambda n: messages.OpenTransport(
                    request=n, router_id=room.id, member_id="m", transport_id=transport
                ),
            ),
            (
                "invalid-parameters",
                lambda n: messages.ConnectTransport(
                    request=n, transport_id=transport, dtls_parameters=msgspec.Raw(b"{}")
                ),
            ),
            (
                "invalid-parameters",
                lambda n: messages.Produce(
                    request=n,
                    transport_id=transport,
                    producer_id="p",
                    kind="video",
                    source="camera",
                    rtp_parameters=msgspec.Raw(b'{"codecs":[]}'),
                ),
            ),
            (
                "producer-not-found",
                lambda n: messages.ConsumeData(
                    request=n,
                    transport_id=transport,
                    data_producer_id="nobody",
                    data_consumer_id="c",
                ),
            ),
        ):
            with pytest.raises(Refused) as refused:
                await control.ask(command, messages.Done)
            assert refused.value.code == code
        assert [one.id for one in (await held(control, room)).producers] == [camera.id]
