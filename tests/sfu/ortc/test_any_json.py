"""Whatever is sent to the server: it is refused in words, or makes sense."""

import json
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sfu.ortc.consume import can_consume, consume
from sfu.ortc.errors import OrtcError
from sfu.ortc.normalise import normalise
from sfu.ortc.parameters import Kind, decode_rtp_capabilities, decode_rtp_parameters
from tests.sfu.ortc.consuming import ROUTER, check, sent
from tests.sfu.ortc.said import CAPABILITIES, PUBLISHED, Published
from tests.sfu.ortc.said import as_json as written
from tests.support.wire_values import ANYTHING


@given(ANYTHING, st.sampled_from(PUBLISHED))
def test_any_capabilities_are_refused_or_consistent(body: object, said: Published) -> None:
    raw = json.dumps({"codecs": body, "headerExtensions": []} if isinstance(body, list) else body)
    try:
        theirs = decode_rtp_capabilities(raw.encode())
        check(sent(said, theirs), theirs)
    except OrtcError:
        pass


def _paths(body: dict[str, Any] | list[Any], path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = body.items() if isinstance(body, dict) else enumerate(body)
    paths = [path] if path else []
    for key, value in inner:
        if isinstance(value, dict | list):
            paths += _paths(value, (*path, key))
        else:
            paths.append((*path, key))
    return paths


INTERESTING = (
    ANYTHING
    | st.sampled_from([0, 1, 72, 96, 97, 98, 127, 128, 255, 2**32, 640032, True, None])
    | st.sampled_from(["", "L3T3", "r0", "nack", "pli", "video/rtx", "video/H264", "audio/opus"])
    | st.sampled_from(["42e01f", "a\r\nb"])
)


@st.composite
def altered(draw: st.DrawFn, bodies: list[dict[str, Any]]) -> dict[str, Any]:
    """What somebody said, with a few places made into something else, doubled or left out."""
    body: dict[str, Any] = json.loads(json.dumps(draw(st.sampled_from(bodies))))
    for _ in range(draw(st.integers(0, 3))):
        paths = _paths(body)
        if not paths:
            break
        *outer, last = draw(st.sampled_from(paths))
        place: Any = body
        for key in outer:
            place = place[key]
        match draw(st.sampled_from(["replace", "remove", "double"])):
            case "remove":
                del place[last]
            case "double" if isinstance(place, list):
                place.append(place[last])
            case _:
                place[last] = draw(INTERESTING)
    return body


RECEIVERS = [*CAPABILITIES.values(), written(ROUTER)]


@st.composite
def altered_publishers(draw: st.DrawFn) -> tuple[Kind, dict[str, Any]]:
    said = draw(st.sampled_from(PUBLISHED))
    return said.kind, draw(altered([said.body]))


@given(altered_publishers(), altered(RECEIVERS), st.booleans())
def test_whatever_is_accepted_is_consistent(
    said: tuple[Kind, dict[str, Any]], theirs: dict[str, Any], transport_cc: bool
) -> None:
    kind, body = said
    try:
        producer = normalise(kind, decode_rtp_parameters(json.dumps(body).encode()))
        reader = decode_rtp_capabilities(json.dumps(theirs).encode())
        consumer = consume(
            producer,
            reader,
            ssrc=1001,
            rtx_ssrc=2002,
            mid="3",
            cname=producer.cname,
            transport_cc=transport_cc,
        )
    except OrtcError as error:
        assert error.message.isprintable()
        return
    check(consumer, reader)
    assert set(producer.payload_types.values()) == {producer.codec.payload_type}
    assert not set(producer.payload_types) & set(producer.rtx_payload_types)
    assert 1 <= len(producer.encodings) <= 8
    assert consumer.consumer_type == producer.producer_type


@given(st.sampled_from(PUBLISHED), st.sampled_from(RECEIVERS), st.randoms(use_true_random=False))
def test_a_receiver_that_knows_less_is_sent_less(
    said: Published, theirs: dict[str, Any], chance: random.Random
) -> None:
    poorer = {name: [one for one in some if chance.random() < 0.7] for name, some in theirs.items()}
    full, less = (decode_rtp_capabilities(json.dumps(one).encode()) for one in (theirs, poorer))
    producer = normalise(said.kind, said.parameters)
    if not can_consume(producer, less):
        return
    consumer, reference = sent(said, less), sent(said, full)
    check(consumer, less)
    assert consumer.payload_type == reference.payload_type
    assert consumer.rtx_payload_type in (None, reference.rtx_payload_type)
    told, most = consumer.rtp_parameters, reference.rtp_parameters
    assert set(told.header_extensions) <= set(most.header_extensions)
    assert set(told.codecs[0].rtcp_feedback) <= set(most.codecs[0].rtcp_feedback)
