"""Which clients are still there, found out with one timer for all of them."""

TURN = 12
"""Beats for one turn of the wheel: who was silent for one is asked, for two is gone."""

BEAT = 1.0
"""Seconds between two beats."""


class Pulse:
    """A client's sign of life: whoever hears from it sets ``silent`` to zero."""

    __slots__ = ("silent",)

    def __init__(self) -> None:
        self.silent = 0


class KeepAlive:
    """A wheel of connections of which each beat looks at the next slot.

    A timer per connection, moved at each message, costs more than the messages' own handling; and
    looking at everybody at once would keep thousands of pings ahead of what people say.
    """

    def __init__(self) -> None:
        self._slots: list[dict[int, Pulse]] = [{} for _ in range(TURN)]
        self._beats = 0

    def watch(self, number: int) -> Pulse:
        """Begins to look after a connection."""
        pulse = self._slots[number % TURN][number] = Pulse()
        return pulse

    def forget(self, number: int) -> None:
        """Ends it."""
        self._slots[number % TURN].pop(number, None)

    def beat(self) -> tuple[list[int], list[int]]:
        """The connections to send a ping to, and those that have not answered theirs."""
        self._beats += 1
        quiet: list[int] = []
        gone: list[int] = []
        for number, pulse in self._slots[self._beats % TURN].items():
            pulse.silent += 1
            if pulse.silent > 2:
                gone.append(number)
            elif pulse.silent == 2:
                quiet.append(number)
        return quiet, gone
