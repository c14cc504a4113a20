"""Frames that nobody should send, from a seed."""

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

Frame = dict[str, Any]

ROOM_TYPES = (
    "create-room", "join-room", "leave-room", "list-rooms", "room-info", "offer", "answer",
    "ice-candidate", "chat", "chat-history", "list-clients", "resume", "ping", "ice-servers",
)  # fmt: skip
MEDIA_TYPES = (
    "enter-sfu", "open-transport", "connect-transport", "restart-ice", "close-transport",
    "produce", "set-producer", "close-producer", "consume", "set-consumer", "request-key-frame",
    "close-consumer", "produce-data", "close-data-producer", "consume-data", "close-data-consumer",
    "resume-data-consumer",
)  # fmt: skip
CHANNEL_TYPES = (
    "subscribe", "unsubscribe", "ping", "room-list-request", "room-created", "user-joined-room",
    "user-left-room", "webrtc-offer", "webrtc-answer", "webrtc-ice", "join-request",
    "join-approved", "join-rejected", "participant-joined",
)  # fmt: skip
SERVER_TYPES = (
    "client-id", "room-joined", "member-joined", "member-left", "rooms-list", "error", "ok",
    "pong", "goodbye", "server-room-list", "client_count", "host-changed", "mode-changed",
)  # fmt: skip
CHANNELS = (
    "webrtc-dashboard-rooms", "webrtc-dashboard-chat", "webrtc-signaling",
    "webrtc-dashboard-access", "news", "__proto__",
)  # fmt: skip
KEYS = (
    "type", "channel", "id", "payload", "data", "roomId", "to", "from", "name", "offer", "answer",
    "candidate", "fromUserId", "toUserId", "userId", "userName", "hostId", "host", "secret",
    "resumeToken", "received", "after", "nonce", "ticket", "password", "instance", "metadata",
    "maxParticipants", "updates", "mode", "direction", "transportId", "producerId", "consumerId",
    "rtpParameters", "kind", "source", "paused", "spatialLayer", "label",
    "__proto__", "constructor", "prototype", "toString", "",
    "__class__", "rooms", "from_", "room_id", "\0",
)  # fmt: skip
STRINGS = (
    "", " ", "x", "\0", "\n", "null", "__proto__", "constructor", "../../etc/passwd", "%s%n",
    "<script>alert(1)</script>", "'; DROP TABLE rooms; --", "\u202eevil", "\u200d", "\u200b",
    "e\u0301" * 30, "\U0001f468\u200d", "\ufdfa" * 64, "ß" * 64, "a" * 64, "a" * 65, "a" * 9000,
    "\ufeff", "\uffff", "\U0010ffff", "{}", "[]", "eyJhbGciOiJub25lIn0.e30.",
)  # fmt: skip
NUMBERS = ("0", "-0", "1", "-1", "1.5", "1e3", "1e308", "1e309", "-1e999", "1e-400", "9" * 20,
           "9" * 400, "9" * 5000, "18446744073709551616", "-9223372036854775809")  # fmt: skip
BROKEN = ("NaN", "Infinity", "-Infinity", "01", "+1", ".5", "1.", "0x10", "undefined", "'x'",
          '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\x41"', '"\n"', '"', "{", "[", "tru",
          "nul", "//", "/**/1")  # fmt: skip


class Hostile:
    """An endless supply.

    Args:
        seed: The same seed makes the same frames.
        names: Ids of rooms and members worth attacking.
        sendable: Only what can travel in a text frame: no lone surrogates.
    """

    def __init__(self, seed: int, names: Sequence[str], sendable: bool = False) -> None:
        self._rng = random.Random(seed)
        self._names = list(names)
        self._sendable = sendable
        self._kinds: list[Callable[[], str]] = [
            self._noise,
            self._likely,
            self._likely,
            self._likely,
            self._mutated,
            self._mutated,
            self._mutated,
            self._truncated,
            self._wrong_types,
            self._wrong_types,
            self._raw_values,
            self._raw_values,
            self._nested,
            self._doubled,
            self._large,
        ]

    def learn(self, name: str) -> None:
        """One more id that is worth attacking."""
        self._names.append(name)

    def frame(self) -> str:
        """The next frame."""
        text = self._rng.choice(self._kinds)()
        if self._sendable:
            text = text.encode(errors="replace").decode()
        return text

    # ---- kinds ---------------------------------------------------------------------------

    def _noise(self) -> str:
        size = self._rng.choice([0, 1, 3, 20, 300])
        if self._rng.random() < 0.5:
            return self._rng.randbytes(size).decode("latin-1")
        return "".join(
            chr(self._rng.choice([0, 34, 92, 123, 0xD800, 0x1F600])) for _ in range(size)
        )

    def _likely(self) -> str:
        """A message as it should be, from somebody who should not send it."""
        return json.dumps(self._message())

    def _mutated(self) -> str:
        text = list(json.dumps(self._message()))
        for _ in range(self._rng.randint(1, 4)):
            place = self._rng.randrange(len(text))
            match self._rng.randrange(3):
                case 0:
                    text[place] = chr(self._rng.choice([*range(128), 0xD800, 0x2028]))
                case 1:
                    text.insert(place, self._rng.choice('{}[]",:\\0u'))
                case _:
                    del text[place]
        return "".join(text)

    def _truncated(self) -> str:
        text = json.dumps(self._message())
        return text[: self._rng.randrange(len(text))]

    def _wrong_types(self) -> str:
        message = self._message()
        for _ in range(self._rng.randint(1, 3)):
            target = message
            for name in ("payload", "data"):
                if isinstance(target.get(name), dict) and self._rng.random() < 0.6:
                    target = target[name]
            target[self._rng.choice([*target, *KEYS])] = self._value(2)
        return json.dumps(message)

    def _raw_values(self) -> str:
        message = self._message()
        key = self._rng.choice([*message, *KEYS])
        message[key] = "@@"
        value = self._rng.choice([*NUMBERS, *BROKEN])
        return json.dumps(message).replace('"@@"', value)

    def _nested(self) -> str:
        depth = self._rng.choice([10, 100, 5000, 15_000])
        open_, close = self._rng.choice([("[", "]"), ('{"a":', "}")])
        message = self._message()
        message[self._rng.choice([*message, "x"])] = "@@"
        return json.dumps(message).replace('"@@"', open_ * depth + "1" + close * depth)

    def _doubled(self) -> str:
        first, second = json.dumps(self._message()), json.dumps(self._message())
        return first[:-1] + "," + second[1:]

    def _large(self) -> str:
        message = self._message()
        size = self._rng.choice([1000, 60_000, 70_000, 200_000])
        message[self._rng.choice([*message, *KEYS])] = "x" * size
        return json.dumps(message)

    # ---- pieces --------------------------------------------------------------------------

    def _name(self) -> str:
        return self._rng.choice([*self._names, *self._names, *STRINGS])

    def _value(self, depth: int) -> Any:  # noqa: ANN401 - any JSON at all
        choices: list[Any] = [
            None, True, False, 0, -1, 2**53, 2**70, 1.5, -0.0, self._name(), self._name(), [], {},
        ]  # fmt: skip
        if depth:
            choices += [[self._value(depth - 1)], {self._rng.choice(KEYS): self._value(depth - 1)}]
        return self._rng.choice(choices)

    def _message(self) -> Frame:  # noqa: C901 - one case per kind
        """A message with all its fields, of any kind."""
        rng, kind = (
            self._rng,
            self._rng.choice(ROOM_TYPES + MEDIA_TYPES + CHANNEL_TYPES + SERVER_TYPES),
        )
        message: Frame = {"type": kind}
        if rng.random() < 0.3:
            message["id"] = rng.choice([rng.randrange(10), self._name()])
        if kind in CHANNEL_TYPES and rng.random() < 0.8:
            message["channel"] = rng.choice(CHANNELS)
        match kind:
            case "create-room" | "join-room" | "leave-room" | "room-info":
                message["payload"] = {
                    "name": self._name(), "roomId": self._name(), "memberName": self._name(),
                    "maxParticipants": rng.randrange(4), "instance": self._name(),
                    "metadata": {"description": self._name(), "private": rng.random() < 0.5},
                    "ticket": self._name(),
                }  # fmt: skip
                if kind == "join-room":
                    del message["payload"]["name"]
            case "room-created" | "user-joined-room" | "user-left-room":
                message["data"] = {
                    "id": self._name(), "roomId": self._name(), "userId": self._name(),
                    "hostId": self._name(), "name": self._name(), "host": self._name(),
                }  # fmt: skip
            case "webrtc-offer" | "webrtc-answer" | "webrtc-ice":
                message |= {"fromUserId": self._name(), "toUserId": self._name()}
                message |= {"offer": {"sdp": ""}, "answer": {"sdp": ""}, "candidate": {}}
            case "offer" | "answer" | "ice-candidate":
                message |= {"to": self._name(), "payload": {"sdp": self._name()}}
                message["roomId"] = self._name()
            case "chat" | "chat-history":
                message |= {"roomId": self._name(), "payload": self._name(), "nonce": self._name()}
                message["after"] = rng.randrange(5)
            case _ if kind in MEDIA_TYPES:
                message |= self._about_media()
            case "resume" | "ping":
                message |= {"resumeToken": self._name(), "received": rng.randrange(300)}
            case _:
                message |= {"roomId": self._name(), "userId": self._name(), "data": self._value(2)}
        return message

    def _about_media(self) -> Frame:
        """The fields of all requests to the SFU."""
        rng, body = self._rng, {"codecs": [], "x": self._value(1)}
        return {
            "roomId": self._name(), "transportId": self._name(), "kind": "video",
            "producerId": self._name(), "consumerId": self._name(), "source": "camera",
            "dataProducerId": self._name(), "dataConsumerId": self._name(),
            "direction": rng.choice(["send", "recv"]), "paused": rng.random() < 0.5,
            "rtpParameters": body, "rtpCapabilities": body, "dtlsParameters": body,
            "sctpStreamParameters": body, "spatialLayer": rng.randrange(9),
        }  # fmt: skip
