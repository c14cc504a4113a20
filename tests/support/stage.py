"""The switchboard on virtual time, and clients that collect what it sends them."""

import itertools
import json
import random
from collections.abc import Iterable
from typing import Any, TypeAlias

from sfu.control.messages import Command, FromWorker
from signaling.exchange import Exchange, SwitchboardConfig
from signaling.media.workers import Workers
from signaling.media_plane import MediaPlane, MeshOnly
from signaling.mode_policy import ModePolicy
from signaling.outbox import Close, Submit, Write
from signaling.peer_session import Connection
from signaling.registry import Registry
from signaling.switchboard import Switchboard
from signaling.tokens import Signer
from tests.support.fake_worker import FakeWorker

Frame: TypeAlias = dict[str, Any]

START = 1_700_000_000.0
SECRET = b"a secret of tests, thirty-two bytes and more"
MOST_TICKS_AT_ONCE = 1000

UNCOUNTED = frozenset({"client-id", "pong", "goodbye"})
"""Frames that a resuming client leaves out of its count."""


def parse(payload: bytes | str) -> Frame:
    """A frame as a strict reader sees it: standard JSON, an object with a type."""
    frame = json.loads(payload, parse_constant=_refuse_constant, parse_int=_number)
    assert isinstance(frame, dict), payload
    assert isinstance(frame.get("type"), str), payload
    return frame


def _number(digits: str) -> int | float:
    """As JavaScript would: beyond a certain size a number has no digits of its own."""
    return int(digits) if len(digits) < 300 else float(digits)


def _refuse_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


class Client:
    """One connection as its client sees it.

    Attributes:
        frames: What has come and was not taken out yet.
        log: Everything that ever came, and ``times`` when it did.
        received: Frames as a resuming client counts them.
        closing: How the server has closed the connection, if it has.
    """

    def __init__(self, stage: "Stage", connection: Connection) -> None:
        self.stage = stage
        self.connection = connection
        self.frames: list[Frame] = []
        self.log: list[Frame] = []
        self.times: list[float] = []
        self.received = 0
        self.closing: Close | None = None
        self.gone = False
        self._resumes_from = 0
        self._greeting: Frame = {}
        self._request_numbers = itertools.count(1)

    @property
    def id(self) -> str:
        return str(self._greeting["id"])

    @property
    def token(self) -> str:
        return str(self._greeting["resumeToken"])

    # ---- out -----------------------------------------------------------------------------

    def say(self, kind: str, /, **fields: object) -> None:
        self.say_text(json.dumps({"type": kind, **fields}))

    def say_text(self, text: str) -> None:
        self.stage.switchboard.receive(self.connection, text, self.stage.now)
        self.stage.flush()

    def ask(self, kind: str, /, **fields: object) -> Frame:
        """Sends a request with an id; its answer, an ``error`` included."""
        request = f"request {next(self._request_numbers)}"
        self.say(kind, id=request, **fields)
        answers = [frame for frame in self.frames if frame.get("id") == request]
        assert len(answers) == 1, f"{kind} was answered by {answers}"
        self.frames.remove(answers[0])
        return answers[0]

    def refused(self, kind: str, /, **fields: object) -> str:
        """Sends a request that has to be refused; the error's code."""
        answer = self.ask(kind, **fields)
        assert answer["type"] == "error", answer
        assert answer["message"]
        return str(answer["code"])

    def create(self, name: str = "Room", **payload: object) -> Frame:
        answer = self.ask("create-room", payload={"name": name, **payload})
        assert answer["type"] == "room-created", answer
        room: Frame = answer["room"]
        return room

    def join(self, room_id: str, **payload: object) -> Frame:
        answer = self.ask("join-room", payload={"roomId": room_id, **payload})
        assert answer["type"] == "room-joined", answer
        room: Frame = answer["room"]
        return room

    def resume(self, older: "Client") -> Frame:
        """Continues as an older client; the greeting that answers."""
        self._resumes_from = older.received
        self.take("client-id")
        self.say("resume", resumeToken=older.token, received=older.received)
        return self.expect("client-id")

    def drop(self, code: int = 1006) -> None:
        """The connection is lost, or closed by the client."""
        self.gone = True
        self.stage.switchboard.disconnect(self.connection, code, self.stage.now)
        self.stage.flush()

    # ---- in ------------------------------------------------------------------------------

    def take(self, *kinds: str) -> list[Frame]:
        """Takes out the frames of these types, or all of them."""
        taken = [frame for frame in self.frames if not kinds or frame["type"] in kinds]
        self.frames = [frame for frame in self.frames if frame not in taken]
        return taken

    def expect(self, kind: str) -> Frame:
        """Takes out the first frame of a type, which has to be there."""
        for frame in self.frames:
            if frame["type"] == kind:
                self.frames.remove(frame)
                return frame
        raise AssertionError(f"no {kind} among {[frame['type'] for frame in self.frames]}")

    def deliver(self, payload: bytes) -> None:
        frame = parse(payload)
        self.frames.append(frame)
        self.log.append(frame)
        self.times.append(self.stage.now)
        if frame["type"] == "client-id":
            self._greeting = frame
            self.received = self._resumes_from if frame["resumed"] else 0
        elif frame["type"] not in UNCOUNTED:
            self.received += 1


class Stage:
    """A switchboard, its clock, and everybody connected to it.

    Attributes:
        workers: The SFU's workers that are connected, by name.
        prompt: Whether they answer at once; otherwise commands wait until ``answer``.
    """

    def __init__(
        self,
        config: SwitchboardConfig | None = None,
        *,
        policy: ModePolicy | None = None,
        media_plane: MediaPlane | None = None,
        empty_room_ttl: float = 0.0,
        secret: bytes = SECRET,
        seed: int = 1,
        workers: Iterable[FakeWorker] = (),
    ) -> None:
        self.now = START
        self.config = config or SwitchboardConfig()
        sfu, connecting = Workers(), list(workers)
        plane = media_plane or (sfu if connecting else MeshOnly())
        self.registry = Registry(self.config.limits, policy or ModePolicy(), plane, empty_room_ttl)
        self.switchboard = Switchboard(
            self.config, self.registry, Signer(secret), random.Random(seed), sfu
        )
        self.clients: dict[int, Client] = {}
        self.workers: dict[str, FakeWorker] = {}
        self.prompt = True
        self._commands: list[tuple[str, Command]] = []
        for worker in connecting:
            self.connect_worker(worker)

    @property
    def exchange(self) -> Exchange:
        """The switchboard's inside, for looking only."""
        return self.switchboard._exchange

    def connect(self, address: str = "192.0.2.1", origin: str = "", local: bool = False) -> Client:
        """A new connection, greeted."""
        connection = self.switchboard.connect(address, origin, local, self.now)
        client = self.clients[connection.number] = Client(self, connection)
        self.flush()
        return client

    def connect_channels(
        self, *channels: str, address: str = "192.0.2.1", origin: str = "https://c.example"
    ) -> Client:
        """A new connection of the channel dialect, with nothing left to read."""
        client = self.connect(address, origin)
        for channel in channels:
            client.say("subscribe", channel=channel)
        client.take()
        return client

    # ---- the SFU -------------------------------------------------------------------------

    def connect_worker(self, worker: FakeWorker) -> None:
        """A worker comes, new or again, and says so."""
        self.workers[worker.name] = worker
        self.hear(worker, worker.status(first=True))

    def lose_worker(self, worker: FakeWorker) -> None:
        """The connection to a worker is lost; what it was told and has not done, too."""
        del self.workers[worker.name]
        self._commands = [entry for entry in self._commands if entry[0] != worker.name]
        self.switchboard.lose(worker.name, self.now)
        self.flush()

    def hear(self, worker: FakeWorker, message: FromWorker) -> None:
        """A worker says something."""
        self.switchboard.hear(worker.name, message, self.now)
        self.flush()

    def answer(self, most: int = 1000) -> None:
        """Workers carry out so many of the commands that wait, and answer them."""
        while most and self._commands:
            most -= 1
            name, command = self._commands.pop(0)
            self.switchboard.hear(name, self.workers[name].obey(command), self.now)
            self._hand_out()

    @property
    def unanswered(self) -> list[Command]:
        """The commands that wait."""
        return [command for _, command in self._commands]

    def flush(self) -> None:
        """Hands out what the switchboard wants sent, as the shell would."""
        self._hand_out()
        while self.prompt and self._commands:
            self.answer(1)

    def _hand_out(self) -> None:
        for effect in self.switchboard.take_effects():
            match effect:
                case Submit(worker=name, command=command):
                    if name in self.workers:
                        self._commands.append((name, command))
                case Write(connections=connections, payload=payload):
                    for connection in connections:
                        client = self.clients[connection.number]
                        if not client.gone and client.closing is None:
                            client.deliver(payload)
                case Close(connection=connection):
                    client = self.clients[connection.number]
                    client.closing = client.closing or effect

    def advance(self, seconds: float = 0.0) -> None:
        """Lets time pass, with every deadline in it at its own time."""
        end, ticks_at_once = self.now + seconds, 0
        while (at := self.switchboard.next_deadline()) is not None and at <= end:
            ticks_at_once = 0 if at > self.now else ticks_at_once + 1
            assert ticks_at_once < MOST_TICKS_AT_ONCE, "time stands still"
            self.now = max(self.now, at)
            self.switchboard.tick(self.now)
            self.flush()
        self.now = end

    def run_out(self) -> None:
        """Lets time pass until nothing is left to happen."""
        for _ in range(MOST_TICKS_AT_ONCE):
            at = self.switchboard.next_deadline()
            if at is None:
                return
            self.advance(max(0.0, at - self.now))
        raise AssertionError("there is always something left to happen")

    def finish_closing(self) -> None:
        """Ends the connections that the server has closed, as their sockets would."""
        for client in list(self.clients.values()):
            if client.closing is not None and not client.gone:
                client.drop(client.closing.code)
