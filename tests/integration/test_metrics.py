"""The metrics of a real server with a real worker, while synthetic members use both."""

import itertools
import os
import random
import signal
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from benchmarks.load.party import Party
from benchmarks.peers.synthetic.answering import Answers
from benchmarks.peers.synthetic.data_channels import Channel
from benchmarks.peers.synthetic.peer_transport import PeerTransport
from benchmarks.peers.synthetic.room_member import RoomMember
from benchmarks.peers.synthetic.synthetic_peer import SyntheticPeer
from sfu.wire.rtcp import encode_rtcp
from sfu.wire.rtcp_feedback import Nack, PictureLossIndication
from tests.support.promql import Selector, parse
from tests.support.queries import panel_queries
from tests.support.scraping import Scraper
from tests.support.server import Server, until

TOKEN = "for whoever scrapes"
MESH = 2

CONSTANT = {
    "crossover_build_info",
    "crossover_sfu_workers_configured",
    "process_max_fds",
    "process_resident_memory_bytes",
    "crossover_sfu_datagrams_delayed_total",
    "crossover_sfu_tcp_queued_bytes",
    "crossover_sfu_retransmissions_given_up_total",
}
"""What a call need not move: memory that was in use before is used again. The last three move when
the network takes less than is sent, which no loopback does."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    made = Server(
        workers=1,
        state_dir=tmp_path,
        metrics="127.0.0.1:0",
        metrics_token=TOKEN,
        sfu_port=0,
        announced_ips="127.0.0.1",
        mesh_limit=MESH,
        return_at=MESH,
        prewarm_from=MESH,
        return_after=0.2,
        resume_grace=0.5,
        queued_bytes=50_000,
        media_request_burst=300,
        media_requests_per_second=50,
        worker_drain_seconds=0,
    )
    async with made as running:
        await until(lambda: len(running.switchboard.workers.connected()) == 1)
        yield running


def every(number: int) -> Callable[[bytes], bool]:
    """Loses one packet of so many."""
    count = itertools.count(1)
    return lambda _: next(count) % number == 0


async def test_every_metric_of_the_dashboard_moves(server: Server) -> None:
    scraper = Scraper(server, TOKEN)
    await scraper.look()
    await crossing_over(server, scraper)
    await not_crossing_over(server, scraper)
    await media(server, scraper)
    await strangers(server, scraper)
    await messages(server, scraper)
    await loss_of_the_worker(server, scraper)
    asked = {one.metric for _, query in panel_queries() for one in parse(query).selectors}
    counted = {name.replace("_bucket", "_count") for name in asked}
    still = {name for name in counted - CONSTANT if not scraper.has_moved(Selector(name))}
    assert still == set()
    assert scraper.value("crossover_sfu_workers_configured") == 1
    assert scraper.value("process_resident_memory_bytes") > 0
    assert scraper.value("crossover_sfu_datagrams_delayed_total") == 0


async def crossing_over(server: Server, scraper: Scraper) -> None:
    """Two are a mesh and cross over; later one of them vanishes."""
    party = await Party.gather(server.url, MESH)
    try:
        await scraper.until_moved('crossover_rooms{mode="mesh"}', 'crossover_members{mode="mesh"}')
        await party.people[0].member.ask("pin-mode", mode="sfu")
        await party.rest("sfu")
        worst = max(party.passage("sfu").gaps)
        for person in party.people:
            await person.member.ask(
                "report-gap", generation=person.course.generation, milliseconds=round(worst * 1000)
            )
        await scraper.until_moved(
            'crossover_rooms{mode="sfu"}',
            'crossover_members{mode="sfu"}',
            'crossover_hand_overs_total{mode="sfu", reason="pinned", outcome="committed"}',
            'crossover_hand_over_gap_seconds_count{mode="sfu", reason="pinned"}',
            'crossover_hand_over_preparation_seconds_count{mode="sfu"}',
            "crossover_sfu_routers",
            "crossover_sfu_transports",
            "crossover_sfu_consumers",
            "crossover_sfu_transports_connected_total",
            'crossover_sfu_producers{source="microphone"}',
            'crossover_sfu_producers{source="camera"}',
        )
        assert scraper.value("crossover_hand_over_gap_seconds_count") == MESH
        assert scraper.value("crossover_hand_over_gap_seconds_sum") == pytest.approx(
            MESH * round(worst, 3)
        )
        party.vanish(party.people[1])
        await scraper.until_moved('crossover_leaves_total{reason="timed-out"}')
    finally:
        party.close()


async def not_crossing_over(server: Server, scraper: Scraper) -> None:
    """Three are too many for a mesh, and one of them does not answer in time."""
    party = await Party.gather(server.url, MESH)
    try:
        party.people[0].course.verdict = lambda *_: None  # type: ignore[method-assign]
        await party.join()
        await scraper.until_moved(
            'crossover_hand_overs_total{mode="sfu", reason="outgrew-mesh", outcome="aborted"}',
            "crossover_hand_overs_preparing",
        )
    finally:
        party.close()


async def media(server: Server, scraper: Scraper) -> None:
    """A call on the SFU over a network that loses packets both ways, with data channels."""
    one = await RoomMember.create(server.url, "room", "Ann", mode="sfu")
    other = await RoomMember.join(server.url, one.room_id, "Bob")
    ann, bob = SyntheticPeer(one, data=True), SyntheticPeer(other, data=True)
    camera = await ann.publish_video()
    screen = await ann.publish_video(source="screen")
    subscription = await bob.subscribe(camera.id)
    await bob.until(lambda: subscription.received > 10)
    sending, receiving = ann.legs["send"].transport, bob.legs["recv"].transport
    sending.drop_outgoing = every(20)
    receiving.drop_incoming = every(2)  # of what comes again in time, no report is made
    await scraper.until_moved(
        *(
            f'crossover_sfu_{name}_total{{direction="{direction}"}}'
            for name in ("rtp_packets_lost", "nacked_packets", "retransmitted_packets")
            for direction in ("in", "out")
        ),
        *(f'crossover_sfu_rtp_packets_total{{direction="{way}"}}' for way in ("in", "out")),
        *(f'crossover_sfu_rtp_bytes_total{{direction="{way}"}}' for way in ("in", "out")),
        'crossover_sfu_producers{source="screen"}',
    )
    sending.drop_outgoing = receiving.drop_incoming = None
    ssrc = subscription.stream.ssrc
    receiving.send_rtcp(encode_rtcp([PictureLossIndication(1, ssrc)]))
    newest = (subscription.stream.log.highest or 0) & 0xFFFF
    for _ in range(30):
        receiving.send_rtcp(encode_rtcp([Nack(1, ssrc, (newest,))]))
    sending.send_raw(bytes([0x90, 0x60]) + bytes(60))
    await scraper.until_moved(
        'crossover_sfu_key_frame_requests_total{direction="in"}',
        'crossover_sfu_key_frame_requests_total{direction="out"}',
        "crossover_sfu_retransmissions_denied_total",
        'crossover_sfu_rtp_packets_discarded_total{reason="refused"}',
    )
    await data(ann, bob, scraper)
    await by_tcp(one.room_id, camera.id, server, scraper)
    await a_weak_network(receiving, scraper)
    await ann.unpublish(screen)
    bob.close()
    await scraper.until_moved('crossover_sfu_transports_ended_total{reason="peer-closed"}')
    ann.close()
    one.hang_up()
    other.hang_up()


async def by_tcp(room_id: str, camera: str, server: Server, scraper: Scraper) -> None:
    """Somebody whose network lets no UDP through."""
    member = await RoomMember.join(server.url, room_id, "Cy")
    cy = SyntheticPeer(member, protocol="tcp")
    picture = await cy.subscribe(camera)
    await cy.until(lambda: picture.received > 10)
    await scraper.until_moved(
        "crossover_sfu_tcp_transports",
        "crossover_sfu_tcp_connections",
        'crossover_sfu_tcp_packets_total{outcome="sent"}',
        'crossover_sfu_tcp_admissions_total{outcome="accepted"}',
    )
    cy.close()
    member.hang_up()


async def a_weak_network(receiving: PeerTransport, scraper: Scraper) -> None:
    """Half of all packets are lost, and feedback says so."""
    receiving.answers = Answers(0.05, random.Random(1))
    await scraper.until_moved(
        "crossover_sfu_subscribers_estimated", "crossover_sfu_estimated_bits_per_second"
    )
    receiving.drop_incoming = every(2)
    await scraper.until_moved(
        'crossover_sfu_transport_feedback_total{outcome="read"}',
        "crossover_sfu_subscribers_limited",
        "crossover_sfu_probes_total",
        "crossover_sfu_padding_bytes_total",
    )


async def data(ann: SyntheticPeer, bob: SyntheticPeer, scraper: Scraper) -> None:
    """Messages for who listens, for who is late, and for who is too late."""
    reliable, speaker = await ann.publish_data("reliable")
    lossy, whisperer = await ann.publish_data("lossy", ordered=False, max_retransmits=0)
    _, heard = await bob.subscribe_data(reliable)
    assert speaker.send("hello")
    await bob.until(lambda: heard.received == ["hello"])
    await scraper.until_moved(
        'crossover_sfu_data_messages_total{outcome="received"}',
        'crossover_sfu_data_messages_total{outcome="relayed"}',
        "crossover_sfu_data_producers",
        "crossover_sfu_data_consumers",
    )
    await bob.subscribe_data(reliable, paused=True)
    await bob.subscribe_data(lossy, paused=True)
    for channel in (speaker, whisperer):
        await say_much(ann, channel)
    await scraper.until_moved(
        'crossover_sfu_data_messages_total{outcome="dropped"}',
        "crossover_sfu_data_consumers_too_slow_total",
    )


async def say_much(speaker: SyntheticPeer, channel: Channel) -> None:
    """More messages than wait for anybody."""
    for number in range(600):
        await speaker.until(lambda text=f"{number}": channel.send(text))  # type: ignore[misc]


async def strangers(server: Server, scraper: Scraper) -> None:
    """What is no protocol, and more than a worker that stands still has room for."""
    ((_, worker),) = server.switchboard.workers.connected()
    port = await udp_port(server)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"\xff what is this?", ("127.0.0.1", port))
        await scraper.until_moved("crossover_sfu_datagrams_strange_total")
        os.kill(worker.status.process, signal.SIGSTOP)
        try:
            for _ in range(30_000):
                stranger.sendto(bytes(1200), ("127.0.0.1", port))
        finally:
            os.kill(worker.status.process, signal.SIGCONT)
    await scraper.until_moved('crossover_sfu_datagrams_dropped_total{reason="receive-buffer-full"}')


async def udp_port(server: Server) -> int:
    """The worker's, as members are told."""
    member = await RoomMember.create(server.url, "room", "Eve", mode="sfu")
    opened = await member.open_transport("send", data=False)
    member.hang_up()
    return int(opened.ice_candidates[0]["port"])


async def messages(server: Server, scraper: Scraper) -> None:
    """What people do wrong at the door, and what becomes of it."""
    refused = await server.open(headers={"Origin": "https://elsewhere.example"})
    assert (await refused.receive()).data == 1008
    older, newer, flood, slow = [await server.connect() for _ in range(4)]
    await newer.resume(older)
    assert await newer.refused("join-room", payload={"roomId": "nowhere"}) == "room-not-found"
    for number in range(1100):
        await flood.say("enter-sfu" if number < 320 else "ping", roomId="nowhere")
    assert await flood.closed() == 4008
    room = await newer.create(instance="n")
    await slow.join(room["id"], instance="s")
    reader = slow.websocket._response.connection
    assert reader is not None
    assert reader.transport is not None
    reader.transport.pause_reading()
    offer = {"type": "offer", "sdp": "x" * 60_000}
    for _ in range(250):  # of which the system keeps a hundred for who does not read
        await newer.ask("offer", roomId=room["id"], to=slow.id, payload=offer)
        if server.switchboard.tally.closed["slow"]:
            break
    await newer.ask("leave-room", payload={"roomId": room["id"]})
    await scraper.until_moved(
        'crossover_connections_refused_total{reason="origin"}',
        'crossover_connections_closed_total{reason="replaced"}',
        'crossover_connections_closed_total{reason="flood"}',
        'crossover_connections_closed_total{reason="slow"}',
        'crossover_messages_over_rate_total{rate="messages"}',
        'crossover_messages_over_rate_total{rate="media"}',
        'crossover_join_failures_total{code="room-not-found"}',
        'crossover_request_errors_total{code="room-not-found"}',
        'crossover_leaves_total{reason="left"}',
        "crossover_sessions_resumed_total",
        "crossover_joins_total",
        "crossover_sent_bytes_total",
    )


async def loss_of_the_worker(server: Server, scraper: Scraper) -> None:
    """The worker dies under a room, which is a mesh at once; and is back."""
    party = await Party.gather(server.url, MESH + 1)
    await party.rest("sfu")
    ((_, worker),) = server.switchboard.workers.connected()
    os.kill(worker.status.process, signal.SIGKILL)
    await scraper.until_moved(
        "crossover_sfu_workers",
        "crossover_sfu_workers_lost_total",
        'crossover_hand_overs_total{mode="mesh", reason="sfu-lost", outcome="forced"}',
    )
    party.close()
    await scraper.until_is("crossover_sfu_workers", 1)
