"""The log: how lines look, what of an address they show, and how much is written.

Every event of the server's life is one line: a kind and fields (``signaling.journal``). As text,
``kind name=value …``; as JSON, one object a line with ``time`` (ISO 8601, UTC), ``level``,
``logger``, ``event`` and the fields; other lines have ``message`` in place of ``event``.
"""

import ipaddress
import json
import logging
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Literal

from typing_extensions import override

from sfu.control.messages import Verbosity
from signaling.journal import Entry, Kind, Value
from signaling.limits import TokenBucket

log = logging.getLogger(__name__)

_NAMES: Final[dict[int, Verbosity]] = {10: "debug", 20: "info", 30: "warning", 40: "error"}
TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"

REFUSALS_PER_SECOND: Final = 5.0
REFUSALS_AT_ONCE: Final = 100
"""Lines about refused joins, which strangers can cause: more are counted, and not written."""

_WARNINGS: Final[frozenset[Kind]] = frozenset({"worker-lost"})


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Value] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        entry = getattr(record, "entry", None)
        if isinstance(entry, Entry):
            line |= {"event": entry.kind, **entry.fields}
        else:
            line["message"] = record.getMessage()
        worker = getattr(record, "worker", None)
        if isinstance(worker, str):
            line["worker"] = worker
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def begin_log(level: str, form: str) -> None:
    """Logs to standard error from now on; SIGUSR2 switches between this level and debug."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else logging.Formatter(TEXT))
    logging.basicConfig(level=level.upper(), handlers=[handler])


class LogLevel:
    """How much is written, while the server runs.

    Args:
        usual: The configured level.
        follow: Told of each change, for those that log elsewhere.
    """

    def __init__(self, usual: Verbosity, follow: Callable[[Verbosity], None]) -> None:
        self._usual = usual
        self._follow = follow

    @property
    def now(self) -> Verbosity:
        """In force."""
        return _NAMES.get(logging.getLogger().level, "warning")

    def set(self, level: Verbosity) -> None:
        """Writes this much from now on."""
        before = self.now
        logging.getLogger().setLevel(level.upper())
        self._follow(level)
        fields: dict[str, Value] = {"before": before, "now": level}
        write(Entry("log-level-changed", fields), level=logging.WARNING)

    def toggle(self) -> None:
        """Debug, or back to the configured level."""
        self.set(self._usual if self.now == "debug" else "debug")

    def follow_signals(self, add: Callable[[int, Callable[[], None]], object]) -> None:
        """SIGUSR2 toggles, where there is one; ``add``: the loop's ``add_signal_handler``."""
        if hasattr(signal, "SIGUSR2"):
            add(signal.SIGUSR2, self.toggle)


class Writer:
    """Writes entries.

    Args:
        addresses: Whether clients' addresses are shown in full, or without what tells one person
            from the neighbours.
        now: Seconds, as of ``write``.
    """

    def __init__(self, addresses: Literal["full", "redacted"] | str, now: float) -> None:
        self._full = addresses == "full"
        self._refusals = TokenBucket(REFUSALS_PER_SECOND, REFUSALS_AT_ONCE, now)
        self._left_out = 0

    def write(self, entries: list[Entry], now: float) -> None:
        """Each as one line."""
        for entry in entries:
            if entry.kind == "join-refused":
                if not self._refusals.take(now):
                    self._left_out += 1
                    continue
                left_out, self._left_out = self._left_out, 0
                entry = Entry(entry.kind, {**entry.fields, "left_out": left_out})
            write(self._shown(entry))

    def _shown(self, entry: Entry) -> Entry:
        address = entry.fields.get("address")
        if not isinstance(address, str):
            return entry
        shown = address if self._full else redacted(address)
        return Entry(entry.kind, {**entry.fields, "address": shown})


def write(entry: Entry, level: int = logging.INFO) -> None:
    """One line."""
    if entry.kind in _WARNINGS:
        level = logging.WARNING
    if log.isEnabledFor(level):
        log.log(level, "%s", _text(entry), extra={"entry": entry})


def redacted(address: str) -> str:
    """Without the last octet (IPv4) or all but the first 48 bits (IPv6): a network, no person."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    bits = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network((parsed, bits), strict=False))


def _text(entry: Entry) -> str:
    """``kind name=value …``; what could be mistaken for more than one value is quoted."""
    parts = [f"{name}={_shown_value(value)}" for name, value in entry.fields.items()]
    return " ".join([entry.kind, *parts])


def _shown_value(value: Value) -> str:
    if isinstance(value, str):
        plain = value.isascii() and value.isprintable() and value and not set(value) & set(' "=\\')
        return value if plain else json.dumps(value)
    return json.dumps(value)
