"""Consuming what somebody said, and what has to hold whenever that works."""

import json

from sfu.ortc.capabilities import router_capabilities
from sfu.ortc.consume import ConsumerParameters, consume
from sfu.ortc.normalise import normalise
from sfu.ortc.parameters import RtpCapabilities, decode_rtp_parameters
from tests.sfu.ortc.said import Published
from tests.sfu.ortc.said import as_json as written

ROUTER = router_capabilities()


def sent(
    said: Published,
    receiver: RtpCapabilities,
    *,
    rtx_ssrc: int | None = 2002,
    transport_cc: bool = False,
) -> ConsumerParameters:
    producer = normalise(said.kind, said.parameters)
    return consume(
        producer,
        receiver,
        ssrc=1001,
        rtx_ssrc=rtx_ssrc,
        mid="3",
        cname=producer.cname,
        transport_cc=transport_cc,
    )


def check(consumer: ConsumerParameters, capabilities: RtpCapabilities) -> None:
    """What holds for all that is sent to anybody."""
    told = consumer.rtp_parameters
    media = told.codecs[0]
    canonical = {one.preferred_payload_type: one for one in ROUTER.codecs}
    assert media.payload_type == consumer.payload_type
    assert canonical[media.payload_type].mime_type == media.mime_type
    assert len(told.encodings) == 1
    encoding = told.encodings[0]
    assert encoding.ssrc == 1001
    assert encoding.rid is None
    if consumer.rtx_payload_type is None:
        assert len(told.codecs) == 1
        assert encoding.rtx is None
    else:
        rtx = told.codecs[1]
        assert len(told.codecs) == 2
        assert (rtx.mime_type, rtx.payload_type) == ("video/rtx", consumer.rtx_payload_type)
        assert rtx.parameters == {"apt": consumer.payload_type}
        assert encoding.rtx is not None
        assert encoding.rtx.ssrc == 2002
    known = {(one.uri, one.preferred_id) for one in capabilities.header_extensions}
    assert {(one.uri, one.id) for one in told.header_extensions} <= known
    assert len({one.id for one in told.header_extensions}) == len(told.header_extensions)
    offered = {f.pair for one in capabilities.codecs for f in one.rtcp_feedback}
    assert {feedback.pair for feedback in media.rtcp_feedback} <= offered
    assert told.rtcp.cname
    assert told.mid == "3"
    # Nothing of it can break a line of a session description.
    assert b"\\n" not in json.dumps(written(told)).encode()
    assert decode_rtp_parameters(json.dumps(written(told)).encode()) == told
