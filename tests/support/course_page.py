"""A page that follows its room from mode to mode, reduced to what it believes and has built."""

from typing import Any

from signaling.messages.records import Mode
from tests.support.stage import Client, Frame

ABOUT_COURSE = {"room-created", "room-joined", "prepare-hand-over", "mode-changed"}


class CoursePage:
    """A member. What the server tells of the course waits in ``inbox`` until it is delivered.

    Attributes:
        able: The modes whose way it manages to build.
        ways: Those that stand; a way is let go of by a final word only.
        course: The final word it knows.
        known: The last news with that word's number.
        mail: What it has to say to the server and has not said yet.
        silent: It does not get around to answering in time.
    """

    def __init__(self, client: Client, number: int, plain: bool = False) -> None:
        self.number = number
        self.plain = plain
        self.loads = 0
        self.able: set[Mode] = {"mesh"} if plain else {"mesh", "sfu"}
        self.silent = False
        self.ticket: str | None = None
        self.client = client
        self.begin()

    def begin(self) -> None:
        """The page is loaded."""
        self.loads += 1
        self.inbox: list[Frame] = []
        self.past: list[Frame] = []
        self.mail: list[Frame] = []
        self.ways: set[Mode] = set()
        self.course: tuple[Mode, int] | None = None
        self.known: Frame = {}
        self.preparing = 0

    @property
    def id(self) -> str:
        return self.client.id

    @property
    def wish(self) -> Frame:
        """What a request to join says of itself."""
        return {} if self.plain else {"instance": f"{self.number}-{self.loads}"}

    @property
    def generation(self) -> int:
        return 0 if self.course is None else self.course[1]

    # ---- in ------------------------------------------------------------------------------

    def collect(self) -> None:
        """Takes what has arrived; it is read later, or more than once."""
        frames = [frame for frame in self.client.take() if frame["type"] in ABOUT_COURSE]
        self.inbox += frames
        self.past = (self.past + frames)[-20:]

    def read(self, frame: Frame) -> None:
        if frame["type"] == "prepare-hand-over":
            self._prepare(frame["mode"], frame["generation"])
        else:
            self._settle(frame.get("room", frame))

    def _prepare(self, mode: Mode, generation: int) -> None:
        if generation < self.generation or generation < self.preparing:
            return
        if generation == self.generation:  # that is where it is, or goes, already
            self._tell_ready(generation, mode in self.ways and mode in self.able)
            return
        self.preparing = generation
        if mode in self.able:
            self.ways.add(mode)
        if not self.silent:
            self._tell_ready(generation, mode in self.able)

    def _settle(self, word: Frame) -> None:
        if word["generation"] < self.generation:
            return
        course = (word["mode"], word["generation"])
        if word["generation"] == self.generation:
            assert course == self.course, "one number, one mode"
            assert word["core"] == self.known["core"], "one number, one core"
        self.course, self.known, self.ways = course, word, {word["mode"]}
        self.ticket = word["ticket"]

    # ---- out -----------------------------------------------------------------------------

    def _tell_ready(self, generation: int, ready: bool) -> None:
        kind = "hand-over-ready" if ready else "hand-over-failed"
        self.mail.append({"type": kind, "generation": generation})

    def speak(self, room_id: str, letter: Frame) -> None:
        """Says something, which the server accepts, whatever it makes of it."""
        fields: dict[str, Any] = {key: letter[key] for key in letter if key != "type"}
        answer = self.client.ask(letter["type"], roomId=room_id, **fields)
        assert answer["type"] == "ok", answer
