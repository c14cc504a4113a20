"""A worker but for its event loop: datagrams, commands and the clock in; datagrams, answers out.

Every entry takes ``now`` (monotonic) and returns at once. What signaling should know is collected
and taken by ``take_reports``.
"""

import random
import time
from collections.abc import Callable, Sequence
from typing import Final

from sfu.control.figures import TransportFigures
from sfu.control.messages import AnyReport, LayersChanged, TransportConnected
from sfu.ortc.transport_parameters import DtlsParameters, IceCandidate
from sfu.routing.inbound import Inbound
from sfu.routing.outbound import Outbound
from sfu.routing.reception import Reception
from sfu.routing.router import Leg, Router, RouterError
from sfu.routing.shared import Shared
from sfu.transport.ice_lite import IceCredentials
from sfu.transport.port_demux import PortDemux
from sfu.units import Seconds
from sfu.wire.errors import WireError
from sfu.wire.rtcp import EXTENDED_REPORT, SOURCE_DESCRIPTION, parse_rtcp
from sfu.wire.rtcp_peek import FEEDBACK_HEADER, concerns_sender, transport_feedbacks
from sfu.wire.stun import parse_stun
from sfu.wire.stun_attributes import username
from sfu.worker.data_channels import DataChannels
from sfu.worker.datagrams import Datagrams
from sfu.worker.dtls_certificate import DtlsCertificate
from sfu.worker.estimation import Estimation
from sfu.worker.peer_port import PeerPort
from sfu.worker.rtcp_sealer import RtcpSealer, open_rtcp
from sfu.worker.timetable import Timetable
from sfu.worker.webrtc_transport import WebRtcTransport

RECEIVE_ROWS: Final = 256
"""Datagrams received by one call."""

_UNREAD: Final = frozenset({SOURCE_DESCRIPTION, EXTENDED_REPORT})
"""Of a peer's RTCP: they come with every report, and nobody here asks for them."""

PACKETS_KEPT: Final = 16_384
"""Packets of all streams that can be sent again: at 12,000 a second, those of 1.4 seconds."""


class Engine:
    """Rooms, transports and the port that serves them all.

    Args:
        port: receives into a ring with headroom, and sends from ``shared.ring``.
        shared: what all rooms share.
        candidates: where peers are told to send to.
        most_transports: open at a time.
        rng: for ids that strangers must not guess; a ``SystemRandom`` in earnest.
        clock: monotonic: the times at which packets leave.

    Attributes:
        busy: whether work may be put off for some milliseconds if that saves some.
        ends: what became of transports.
        estimation: what the peers' networks carry.
    """

    def __init__(
        self,
        port: PeerPort,
        shared: Shared,
        candidates: Sequence[IceCandidate],
        most_transports: int,
        rng: random.Random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.port = port
        self.shared = shared
        self.candidates = list(candidates)
        self.routers: dict[str, Router] = {}
        self.transports: dict[str, WebRtcTransport] = {}
        self.certificate = DtlsCertificate.generate()
        self.reception = Reception(port.received, shared)
        self.datagrams = Datagrams(port.udp, self.reception, shared.ring, self)
        self.rng = rng
        self.busy = False
        self.ends = TransportFigures()
        self.estimation = Estimation(shared, clock)
        self._most_transports = most_transports
        self._demux: PortDemux[WebRtcTransport] = PortDemux()
        self._sealer = RtcpSealer()
        self._timetable: Timetable[WebRtcTransport] = Timetable()
        self._rooms: Timetable[Router] = Timetable()
        self._owners: dict[object, WebRtcTransport] = {}  # by Inbound and Outbound
        self._reports: list[AnyReport] = []
        self.data = DataChannels(self.routers, self.transports, self._reports)

    # ---- from the loop ---------------------------------------------------------------------

    def receive(self, now: Seconds) -> int:
        """Receive one batch and do all that follows from it; the number of datagrams."""
        count = self.datagrams.receive(now)
        self.finish(now)
        return count

    def receive_stream(self, source: bytes, count: int, now: Seconds) -> None:
        """The same for what came on a TCP connection: ``count`` packets in the receive ring."""
        self.datagrams.take(count, [source] * count, now)
        self.finish(now)

    def lose(self, address: bytes, now: Seconds) -> None:
        """Nobody can be reached at an address any more: a TCP connection is over."""
        transport = self._demux.by_address.get(address)
        if transport is not None:
            transport.lose(address, now)
            self._forget(address, transport)

    def tick(self, now: Seconds) -> None:
        """Do what has become due."""
        for transport in self._timetable.take_due(now):
            transport.tick(now)
            self._settle(transport, now)
        for router in self._rooms.take_due(now):
            router.tend(now)
            self._settle_room(router)
        self.finish(now)

    def finish(self, now: Seconds) -> None:
        """Send what came of datagrams, time or commands: data, urgent RTCP, repeated packets."""
        self.data.flush(now, self.busy)
        self.estimation.run(now)
        if self.shared.urgent:
            self._send_urgent(now)
        if self.shared.again:
            self._send_again()
        if self.shared.restless:
            restless = list(self.shared.restless)
            self.shared.restless.clear()
            for router in restless:
                if isinstance(router, Router) and self.routers.get(router.id) is router:
                    self._settle_room(router)
        if self.shared.ring.contexts:
            self.shared.ring.flush()

    def next_deadline(self) -> Seconds | None:
        """When ``tick`` has something to do."""
        timetables = self._timetable.next_deadline(), self._rooms.next_deadline()
        due = (*timetables, self.data.due, self.estimation.due)
        return min((at for at in due if at is not None), default=None)

    def take_reports(self) -> list[AnyReport]:
        """What signaling has not been told yet."""
        if not self._reports:
            return []
        reports = list(self._reports)
        self._reports.clear()
        return reports

    def _send_urgent(self, now: Seconds) -> None:
        urgent = list(self.shared.urgent)
        self.shared.urgent.clear()
        for one in urgent:
            transport = self._owners.get(one)
            if transport is not None and transport.connected and transport.ended is None:
                transport.send_reports(now)
                self._settle(transport, now)

    def _send_again(self) -> None:
        for slot, number, datagram in self.shared.again:
            self.estimation.sent_again(slot, number)
            self.port.send_datagram(datagram, self.shared.destinations.address(slot))
        self.shared.again.clear()

    def _settle(self, transport: WebRtcTransport, now: Seconds) -> None:
        """What follows from something having happened to a transport."""
        if transport.ended is not None:
            report = transport.report_of_end()
            if report is not None and transport.id in self.transports:
                self._reports.append(report)
                self.ends.note_end(report.reason)
            self.close_transport(transport.id, now)
            return
        for consumer_id, received in transport.outbound.take_layers_changed():
            self._reports.append(
                LayersChanged(
                    consumer_id=consumer_id,
                    spatial_layer=received.spatial,
                    temporal_layer=received.temporal,
                    limited=received.limited,
                )
            )
        self._timetable.set(transport, transport.next_deadline())

    def _settle_room(self, router: Router) -> None:
        """What follows from something having happened in a room."""
        self._reports += router.take_reports()
        self._rooms.set(router, router.next_deadline())

    # ---- datagrams that are not media ------------------------------------------------------

    def receive_stun(self, data: bytes, source: bytes, now: Seconds) -> None:
        """A STUN message: a check that names one of our transports, or nothing to us."""
        try:
            message = parse_stun(data)
            names = username(message)
        except WireError:
            self.datagrams.strange += 1
            return
        owner = self._demux.by_address.get(source)
        # What names nobody is an indication, or a broken check.
        transport = owner if names is None else self._demux.owner_of(names[0])
        if transport is None:
            self.datagrams.strange += 1
            return
        if owner is not None and owner is not transport and owner.ice.is_fresh(source, now):
            self.datagrams.strange += 1  # a forged source: somebody else was there a moment ago
            return
        fragments = transport.ice.username_fragments
        answer = transport.receive_check(message, source, now)
        if answer.valid:
            self.port.prove(source, now)
            if owner is not transport:
                self._learn(source, transport)
        if answer.selected_changed and transport.slot is not None:
            self.estimation.moved(transport.slot)
        if answer.forgotten is not None:
            self._forget(answer.forgotten, transport)
        if transport.ice.username_fragments != fragments:
            for gone in set(fragments) - set(transport.ice.username_fragments):
                self._demux.drop(gone)

    def receive_dtls(self, data: bytes, source: bytes, now: Seconds) -> None:
        """A DTLS datagram from an address that ICE has found, or nothing to us."""
        transport = self._demux.by_address.get(source)
        if transport is None or transport.ended is not None:
            self.datagrams.strange += 1
            return
        was_connected = transport.connected
        transport.receive_dtls(data, now)
        if transport.connected and not was_connected:
            self._connected(transport)
        elif was_connected and transport.ended is None:
            return  # it was data: no deadline has changed
        self._settle(transport, now)

    def receive_rtcp(self, row: int, source: bytes, now: Seconds) -> None:
        """An SRTCP datagram from a connected peer, or nothing to us."""
        transport = self._demux.by_address.get(source)
        session = transport.inbound.session if transport is not None else None
        if transport is None or session is None:
            self.datagrams.strange += 1
            return
        compound = open_rtcp(self.port.received, row, session)
        if compound is None:
            return
        feedbacks = transport_feedbacks(compound)
        if feedbacks and transport.slot is not None:
            self.estimation.receive(transport.slot, transport.outbound, feedbacks, now)
            if len(compound) == len(feedbacks[0][0]) + FEEDBACK_HEADER:
                return  # browsers send it alone
        if not (transport.leg.producers or concerns_sender(compound)):
            return
        try:
            packets = parse_rtcp(compound, _UNREAD)
        except WireError:
            return
        transport.receive_rtcp(packets, now)

    def _learn(self, address: bytes, transport: WebRtcTransport) -> None:
        self._demux.learn(address, transport)
        if transport.connected:
            self.datagrams.senders[address] = transport.inbound
        else:
            self.datagrams.senders.pop(address, None)  # it was another's

    def _forget(self, address: bytes, transport: WebRtcTransport) -> None:
        if self._demux.by_address.get(address) is transport:
            self._demux.forget(address)
            self.datagrams.senders.pop(address, None)
            self.port.release(address)

    def _connected(self, transport: WebRtcTransport) -> None:
        for address in transport.ice.addresses:
            if self._demux.by_address.get(address) is transport:
                self.datagrams.senders[address] = transport.inbound
        self._reports.append(TransportConnected(transport_id=transport.id))
        self.ends.connected += 1

    # ---- transports ------------------------------------------------------------------------

    def open_transport(
        self, router: Router, transport_id: str, member_id: str, data: bool, now: Seconds
    ) -> WebRtcTransport:
        """Make ready for a peer.

        Raises:
            RouterError: the worker is full.
        """
        if len(self.transports) >= self._most_transports:
            raise RouterError("worker-full", "This media server is full.")
        leg = Leg(transport_id, member_id, Inbound(self.shared), Outbound(self.shared))
        transport = WebRtcTransport(
            leg,
            router.id,
            self._new_credentials(),
            self.certificate,
            port=self.port,
            destinations=self.shared.destinations,
            sealer=self._sealer,
            on_message=self.data.relay if data else None,
            on_stream_closed=self.data.stream_closed,
            now=now,
        )
        router.add(leg)
        self.transports[transport_id] = transport
        self._owners[leg.inbound] = self._owners[leg.outbound] = transport
        self._demux.add(transport.ice.credentials.username_fragment, transport)
        self._timetable.set(transport, transport.next_deadline())
        return transport

    def restart_ice(self, transport: WebRtcTransport, now: Seconds) -> IceCredentials:
        """New credentials for a transport that goes on as it is."""
        before = set(transport.ice.username_fragments)
        transport.ice.restart(self._new_credentials(), now)
        after = set(transport.ice.username_fragments)
        for gone in before - after:
            self._demux.drop(gone)
        for new in after - before:
            self._demux.add(new, transport)
        self._timetable.set(transport, transport.next_deadline())
        return transport.ice.credentials

    def expect(self, transport: WebRtcTransport, parameters: DtlsParameters, now: Seconds) -> None:
        """The peer's certificate, known by its fingerprint."""
        was_connected = transport.connected
        transport.expect(parameters, now)
        if transport.connected and not was_connected:
            self._connected(transport)
        self._settle(transport, now)

    def close_transport(self, transport_id: str, now: Seconds) -> None:
        """End a transport and all that is on it; harmless when it is gone."""
        transport = self.transports.pop(transport_id, None)
        if transport is None:
            return
        if transport.sctp is not None:
            transport.sctp.abort()
        transport.say_goodbye()
        if transport.ended is None:
            transport.ended = "closed"
        router = self.routers.get(transport.router_id)
        if router is not None:
            self.data.close_streams(router.close_leg(transport_id, now))
        for address in transport.ice.addresses:
            self._forget(address, transport)
        self._demux.forget_owner(transport)
        self._timetable.set(transport, None)
        self.shared.urgent.pop(transport.inbound, None)
        self.shared.urgent.pop(transport.outbound, None)
        del self._owners[transport.inbound], self._owners[transport.outbound]
        if transport.slot is not None:
            self.shared.ring.flush()
            self.estimation.close(transport.slot)
            self.shared.destinations.release(transport.slot)

    def close_router(self, router: Router) -> None:
        """Forget a room whose transports are closed."""
        del self.routers[router.id]
        self._rooms.set(router, None)
        self.shared.restless.pop(router, None)

    def _new_credentials(self) -> IceCredentials:
        while True:
            credentials = IceCredentials.generate(self.rng)
            if self._demux.owner_of(credentials.username_fragment) is None:
                return credentials
