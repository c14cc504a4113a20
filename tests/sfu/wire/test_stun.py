"""RFC 5769 test vectors, and what an ICE-lite server says and hears."""

import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.wire import stun_attributes
from sfu.wire.errors import WireError
from sfu.wire.stun import (
    BINDING,
    Attribute,
    MessageClass,
    StunMessage,
    encode_stun,
    parse_stun,
    verify_integrity,
)
from sfu.wire.stun_attributes import StunError, binding_error, binding_success
from tests.sfu.wire.samples import some

PASSWORD = b"VOkJxbRl1RmTxUk/WvJxBt"
TRANSACTION = bytes.fromhex("b7e7a701bc34d686fa87dfae")
REQUEST = bytes.fromhex(
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74"
    "002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020"
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf"
)
RESPONSE_V4 = bytes.fromhex(
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
    "002000080001a147e112a643"
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96"
)
RESPONSE_V6 = bytes.fromhex(
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
    "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c"
)
LONG_TERM = bytes.fromhex(
    "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b90000"
    "0015001c662f2f3439396b39353464364f4c33346f4c39465354767936347341"
    "0014000b6578616d706c652e6f726700"
    "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666"
)
KEY = b"a server's ice password"


def test_rfc5769_request() -> None:
    message = parse_stun(REQUEST)
    assert (message.method, message.message_class) == (BINDING, MessageClass.REQUEST)
    assert message.transaction_id == TRANSACTION
    assert message.attributes[Attribute.SOFTWARE] == b"STUN test client"
    assert stun_attributes.username(message) == ("evtj", "h6vY")
    assert stun_attributes.priority(message) == 0x6E0001FF
    assert stun_attributes.controlled(message) == 0x932FF9B151263B36
    assert stun_attributes.controlling(message) is None
    assert not stun_attributes.use_candidate(message)
    assert message.has_fingerprint
    assert message.unknown == ()
    assert verify_integrity(message, PASSWORD)
    assert not verify_integrity(message, PASSWORD + b"x")


@pytest.mark.parametrize(
    ("data", "packed"),
    [
        (RESPONSE_V4, bytes((192, 0, 2, 1))),
        (RESPONSE_V6, bytes.fromhex("20010db8123456780011223344556677")),
    ],
)
def test_rfc5769_responses(data: bytes, packed: bytes) -> None:
    message = parse_stun(data)
    assert message.message_class is MessageClass.SUCCESS
    assert stun_attributes.mapped_address(message) == (packed, 32853)
    assert verify_integrity(message, PASSWORD)
    value = stun_attributes.encode_mapped_address((packed, 32853), TRANSACTION)
    attributes = [(Attribute.SOFTWARE, b"test vector"), (Attribute.XOR_MAPPED_ADDRESS, value)]
    ours = parse_stun(encode_stun(BINDING, MessageClass.SUCCESS, TRANSACTION, attributes, PASSWORD))
    assert ours.attributes == message.attributes
    assert verify_integrity(ours, PASSWORD)


def test_rfc5769_long_term_credentials() -> None:
    message = parse_stun(LONG_TERM)
    assert message.attributes[Attribute.USERNAME].decode() == "マトリックス"
    key = hashlib.md5("マトリックス:example.org:TheMatrIX".encode()).digest()
    assert verify_integrity(message, key)
    assert not message.has_fingerprint


ATTRIBUTES = st.dictionaries(
    st.integers(0, 0xFFFF).filter(
        lambda kind: kind not in (Attribute.MESSAGE_INTEGRITY, Attribute.FINGERPRINT)
    ),
    st.binary(max_size=30),
    max_size=6,
)


@some
@given(
    st.integers(0, 0xFFF),
    st.sampled_from(MessageClass),
    st.binary(min_size=12, max_size=12),
    ATTRIBUTES,
    st.none() | st.binary(min_size=1, max_size=40),
)
def test_round_trip(
    method: int,
    message_class: MessageClass,
    transaction: bytes,
    attributes: dict[int, bytes],
    key: bytes | None,
) -> None:
    data = encode_stun(method, message_class, transaction, attributes.items(), key)
    message = parse_stun(data)
    assert (message.method, message.message_class) == (method, message_class)
    assert (message.transaction_id, message.attributes) == (transaction, attributes)
    assert message.raw == data
    assert message.has_fingerprint
    assert (message.integrity_at is None) == (key is None)
    assert verify_integrity(message, key or b"") == (key is not None)


@some
@given(st.integers(0, 8 * len(REQUEST) - 1))
def test_any_flipped_bit_is_noticed(bit: int) -> None:
    data = bytearray(REQUEST)
    data[bit // 8] ^= 1 << bit % 8
    try:
        message = parse_stun(bytes(data))
    except WireError:
        return
    # Only a bit that makes the fingerprint another attribute gets so far.
    assert not message.has_fingerprint


def test_repeated_attribute_and_what_follows_integrity() -> None:
    signed = encode_stun(
        BINDING,
        MessageClass.REQUEST,
        TRANSACTION,
        [(Attribute.USERNAME, b"a:b"), (Attribute.USERNAME, b"c:d"), (0x7777, b""), (0x7777, b"")],
        KEY,
    )
    late = signed[:-8] + bytes.fromhex("00250000")
    late = late[:2] + (len(late) - 20).to_bytes(2, "big") + late[4:]
    message = parse_stun(late)
    assert stun_attributes.username(message) == ("a", "b")
    assert message.unknown == (0x7777,)
    assert verify_integrity(message, KEY)
    assert not stun_attributes.use_candidate(message)


@pytest.mark.parametrize("size", range(len(REQUEST)))
def test_cut_message(size: int) -> None:
    with pytest.raises(WireError):
        parse_stun(REQUEST[:size])


@pytest.mark.parametrize(
    "body",
    [
        "00060009",  # exceeds the message
        "0008001000112233445566778899aabbccddeeff",  # integrity of 16 bytes
        "802800020000ffff",  # fingerprint of two bytes
        "8028000400000000",  # wrong fingerprint
    ],
)
def test_malformed_attributes(body: str) -> None:
    value = bytes.fromhex(body)
    header = bytes.fromhex("0001") + len(value).to_bytes(2, "big") + REQUEST[4:20]
    with pytest.raises(WireError):
        parse_stun(header + value)


def test_attribute_after_the_fingerprint() -> None:
    data = REQUEST + bytes.fromhex("80220000")
    data = data[:2] + (len(data) - 20).to_bytes(2, "big") + data[4:]
    at = len(data) - 12
    checksum = zlib.crc32(data[:at]) ^ 0x5354554E
    data = data[: at + 4] + checksum.to_bytes(4, "big") + data[at + 8 :]
    with pytest.raises(WireError):
        parse_stun(data)


@some
@given(
    st.binary(min_size=4, max_size=4) | st.binary(min_size=16, max_size=16),
    st.integers(0, 0xFFFF),
    st.binary(min_size=12, max_size=12),
)
def test_success_tells_where_the_check_came_from(
    packed: bytes, port: int, transaction: bytes
) -> None:
    message = parse_stun(binding_success(transaction, (packed, port), KEY))
    assert message.message_class is MessageClass.SUCCESS
    assert message.transaction_id == transaction
    assert stun_attributes.mapped_address(message) == (packed, port)
    assert verify_integrity(message, KEY)


@pytest.mark.parametrize("code", [400, 401, 420, 487])
def test_errors(code: int) -> None:
    unknown = (0x0024, 0x7FFF, 0x0033) if code == 420 else ()
    key = KEY if code in (420, 487) else None
    message = parse_stun(binding_error(TRANSACTION, code, key, unknown))
    error = stun_attributes.error_code(message)
    assert error is not None
    assert error.code == code
    assert error.reason
    assert stun_attributes.unknown_attributes(message) == unknown
    assert verify_integrity(message, KEY) == (key is not None)


def test_indication_needs_no_integrity() -> None:
    message = parse_stun(encode_stun(BINDING, MessageClass.INDICATION, TRANSACTION))
    assert message.message_class is MessageClass.INDICATION
    assert message.raw[:2] == b"\x00\x11"
    assert not verify_integrity(message, KEY)


def with_attribute(kind: Attribute, value: bytes) -> StunMessage:
    return parse_stun(encode_stun(BINDING, MessageClass.REQUEST, TRANSACTION, [(kind, value)]))


def test_use_candidate_and_controlling() -> None:
    assert stun_attributes.use_candidate(with_attribute(Attribute.USE_CANDIDATE, b""))
    message = with_attribute(Attribute.ICE_CONTROLLING, bytes(7) + b"\x05")
    assert stun_attributes.controlling(message) == 5


def test_error_reason_need_not_be_text() -> None:
    message = with_attribute(Attribute.ERROR_CODE, b"\0\0\x04\x57\xff")
    assert stun_attributes.error_code(message) == StunError(487, "\ufffd")


@pytest.mark.parametrize(
    ("read", "kind", "value"),
    [
        (stun_attributes.username, Attribute.USERNAME, b"nocolon"),
        (stun_attributes.username, Attribute.USERNAME, b":x"),
        (stun_attributes.username, Attribute.USERNAME, b"\xff:x"),
        (stun_attributes.priority, Attribute.PRIORITY, b"123"),
        (stun_attributes.controlling, Attribute.ICE_CONTROLLING, b"123"),
        (stun_attributes.controlled, Attribute.ICE_CONTROLLED, b""),
        (stun_attributes.mapped_address, Attribute.XOR_MAPPED_ADDRESS, b"\0\1\0"),
        (stun_attributes.mapped_address, Attribute.XOR_MAPPED_ADDRESS, b"\0\2\0\0abcd"),
        (stun_attributes.mapped_address, Attribute.XOR_MAPPED_ADDRESS, b"\0\3\0\0abcd"),
        (stun_attributes.error_code, Attribute.ERROR_CODE, b"\0\0\4"),
        (stun_attributes.error_code, Attribute.ERROR_CODE, b"\0\0\7\0"),
        (stun_attributes.error_code, Attribute.ERROR_CODE, b"\0\0\4\x64"),
        (stun_attributes.unknown_attributes, Attribute.UNKNOWN_ATTRIBUTES, b"123"),
    ],
)
def test_values_of_a_wrong_form(read: object, kind: Attribute, value: bytes) -> None:
    assert callable(read)
    with pytest.raises(WireError):
        read(with_attribute(kind, value))
