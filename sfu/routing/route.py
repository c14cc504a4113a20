"""What is known of one SSRC of a transport."""

from sfu.media.receive_log import ReceiveLog
from sfu.routing.producer import Producer
from sfu.routing.received_stream import ReceivedStream
from sfu.wire.header_rewriter import FIRST_BYTE, HeaderRewriter


class Route:
    """Where the packets of an SSRC go.

    Attributes:
        producer: whose they are.
        stream: the encoding that they carry or repair.
        ssrc: theirs.
        repairs: whether they are retransmissions (RFC 4588).
        log: of what has come of the SSRC.
        levels: takes the audio level of each packet (RFC 6464), as it is in the extension; None
            where nobody listens.
        rewriter: knows the shapes of their header extensions.
        flags: by the second byte of a packet (marker and payload type), the first two bytes of the
            canonical packet as a number; what is not there is not of the stream.
    """

    __slots__ = ("flags", "levels", "log", "producer", "repairs", "rewriter", "ssrc", "stream")

    def __init__(
        self, producer: Producer, stream: ReceivedStream, ssrc: int, *, repairs: bool
    ) -> None:
        parameters = producer.parameters
        self.producer = producer
        self.stream = stream
        self.ssrc = ssrc
        self.repairs = repairs
        self.log = ReceiveLog(ssrc, stream.clock_rate)
        levels = producer.levels
        self.levels = None if levels is None or repairs else levels.fresh
        self.rewriter = HeaderRewriter(parameters.extension_ids)
        self.flags: dict[int, int] = {}
        types = parameters.rtx_payload_types if repairs else parameters.payload_types
        for theirs, ours in types.items():
            for marker in (0, 0x80):
                self.flags[theirs | marker] = FIRST_BYTE << 8 | marker | ours
