import random

import pytest

from benchmarks.peers import sdp
from benchmarks.peers.synthetic.ice_agent import Credentials
from benchmarks.peers.synthetic.published import VP8, VP8_RTX, VideoTrack

LOCAL = sdp.Local(Credentials("frag", "password-of-frag"), "AB:CD", "192.0.2.7", 40_000)

JANUS = """v=0\r
o=- 1 1 IN IP4 192.0.2.2\r
s=VideoRoom 1234\r
t=0 0\r
a=group:BUNDLE 0 1\r
a=ice-options:trickle\r
a=fingerprint:sha-256 11:22\r
a=extmap-allow-mixed\r
a=msid-semantic: WMS *\r
a=ice-lite\r
m=video 9 UDP/TLS/RTP/SAVPF 96 97\r
c=IN IP4 192.0.2.2\r
a=sendonly\r
a=mid:0\r
a=rtcp-mux\r
a=ice-ufrag:UUUU\r
a=ice-pwd:PPPPPPPPPPPPPPPPPPPPPP\r
a=ice-options:trickle\r
a=setup:actpass\r
a=rtpmap:96 VP8/90000\r
a=rtcp-fb:96 nack\r
a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid\r
a=extmap:13 urn:3gpp:video-orientation\r
a=rtpmap:97 rtx/90000\r
a=fmtp:97 apt=96\r
a=ssrc-group:FID 111 222\r
a=msid:janus janus0\r
a=ssrc:111 cname:janus\r
a=ssrc:222 cname:janus\r
a=candidate:1 1 udp 2015363327 fd00::2 50001 typ host\r
a=candidate:2 1 tcp 2015363327 192.0.2.2 9 typ host tcptype active\r
a=candidate:3 1 udp 2015363327 192.0.2.2 50000 typ host\r
a=end-of-candidates\r
m=video 9 UDP/TLS/RTP/SAVPF 100\r
a=sendonly\r
a=mid:1\r
a=rtpmap:100 VP8/90000\r
a=fmtp:100 max-fr=30;apt=1\r
a=ssrc:333 cname:janus\r
"""


def without(text: str, word: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if word not in line)


def test_reads_where_the_server_is() -> None:
    remote = sdp.parse(JANUS).remote
    assert remote.credentials == Credentials("UUUU", "PPPPPPPPPPPPPPPPPPPPPP")
    assert (remote.host, remote.port) == ("192.0.2.2", 50_000)
    assert remote.fingerprints == (("sha-256", "11:22"),)


def test_reads_sections() -> None:
    first, second = sdp.parse(JANUS).sections
    assert (first.kind, first.mid, first.direction) == ("video", "0", "sendonly")
    assert first.codecs == [(96, "VP8"), (97, "RTX")]
    assert first.repairs == {96: 97}
    assert first.ssrc == 111
    assert first.track == "janus0"
    assert (second.mid, second.ssrc, second.track) == ("1", 333, "")


@pytest.mark.parametrize("word", ["ice-pwd", "ice-ufrag", "fingerprint", "192.0.2.2 50000"])
def test_refuses_what_nobody_can_connect_to(word: str) -> None:
    with pytest.raises(sdp.BadDescription):
        sdp.parse(without(JANUS, word))


def test_offer_to_publish_announces_the_stream_and_its_repairs() -> None:
    stream = VideoTrack("0", random.Random(1), 0.0).streams[0]
    offer = sdp.publishing_offer(LOCAL, stream, "0", "ada")
    assert offer.endswith("\r\n")
    read = sdp.parse(offer)
    assert (read.remote.host, read.remote.port) == ("192.0.2.7", 40_000)
    assert read.remote.credentials == LOCAL.credentials
    (section,) = read.sections
    assert section.direction == "sendonly"
    assert section.codecs == [(VP8, "VP8"), (VP8_RTX, "RTX")]
    assert section.ssrc == stream.ssrc
    assert f"a=ssrc-group:FID {stream.ssrc} {stream.rtx_ssrc}\r\n" in offer
    assert {number for number, _ in section.extensions} == {2, 3, 9}


def test_offer_to_subscribe_has_a_section_per_stream() -> None:
    offer = sdp.subscribing_offer(LOCAL, 3)
    assert "a=group:BUNDLE 0 1 2\r\n" in offer
    sections = sdp.parse(offer).sections
    assert [section.mid for section in sections] == ["0", "1", "2"]
    assert {section.direction for section in sections} == {"recvonly"}
    assert {section.ssrc for section in sections} == {None}


def test_answer_takes_what_is_offered_by_its_own_numbers() -> None:
    answer = sdp.answer(LOCAL, sdp.parse(JANUS))
    first, second = sdp.parse(answer).sections
    assert (first.mid, first.direction) == ("0", "recvonly")
    assert first.codecs == [(96, "VP8"), (97, "RTX")]
    assert first.extensions == [(9, "urn:ietf:params:rtp-hdrext:sdes:mid")]
    assert second.codecs == [(100, "VP8")]
    assert "a=setup:active\r\n" in answer


def test_answer_needs_vp8() -> None:
    with pytest.raises(sdp.BadDescription, match="VP8"):
        sdp.answer(LOCAL, sdp.parse(JANUS.replace("VP8", "H264")))
