"""How Janus is configured: as its sample files and its author advise for many subscribers.

Not as it comes are: helper threads in the room (pull request 3067: without them the publisher's
loop hands every packet to all subscribers before it reads the next; versions before 1.2.3 do not
know them and ignore it), as many event loops as there are cores instead of a thread per subscriber
(``janus.jcfg``), ICE-lite, as for a server that peers reach directly, and no plugins but VideoRoom.
libnice gathers at one address.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

Value: TypeAlias = str | int | bool
Settings: TypeAlias = Mapping[str, Mapping[str, Value]]

EVENT_LOOPS: Final = 1
"""As many as the cores that Janus has here."""

HELPER_THREADS: Final = 1
"""Of a room."""

PLUGIN: Final = "janus.plugin.videoroom"

_OF_PLACE: Final = frozenset(("interface", "ice_enforce_list", "ws_port", "ws_ip", "disable"))
"""Settings that differ from run to run."""

_PLUGIN_FILE: Final = "libjanus_videoroom.so"
_TRANSPORT_FILE: Final = "libjanus_websockets.so"


def files(host: str, port: int, event_loops: int, installed: Iterable[str]) -> dict[str, Settings]:
    """The configuration files by name.

    Args:
        host: where media is received.
        port: of the WebSocket API, on the loopback interface.
        event_loops: for all peers together; 0 for one, and a thread, per peer.
        installed: names of all plugins and transports there are.
    """
    others = [one for one in sorted(installed) if one not in (_PLUGIN_FILE, _TRANSPORT_FILE)]
    disabled = {"disable": ",".join(others)}
    return {
        "janus.jcfg": {
            "general": {"debug_level": 3, "interface": host, "event_loops": event_loops},
            "nat": {"ice_lite": True, "ice_enforce_list": host},
            "plugins": disabled,
            "transports": disabled,
        },
        "janus.transport.websockets.jcfg": {
            "general": {"json": "compact", "ws": True, "ws_port": port, "ws_ip": "127.0.0.1"}
        },
        "janus.plugin.videoroom.jcfg": {"general": {"string_ids": True}},
    }


def room(name: str) -> dict[str, Value]:
    """What a room is created with."""
    return {
        "room": name,
        "publishers": 1000,
        "videocodec": "vp8",
        "bitrate": 0,
        "threads": HELPER_THREADS,
    }


def in_words(event_loops: int) -> str:
    """All settings in a line, but for addresses and what is switched off."""
    wanted = files("", 0, event_loops, [])
    said = [
        f"{group}.{name} = {_literal(value)}"
        for settings in wanted.values()
        for group, values in settings.items()
        for name, value in values.items()
        if name not in _OF_PLACE
    ]
    of_room = [f"{name} = {_literal(value)}" for name, value in room("").items() if name != "room"]
    return (
        f"{', '.join(said)}; room: {', '.join(of_room)}; no plugins but VideoRoom, no transports "
        "but WebSocket"
    )


def jcfg(settings: Settings) -> str:
    """A file in libconfig's format."""
    lines: list[str] = []
    for group, values in settings.items():
        lines += [f"{group}: {{", *(f"\t{name} = {_literal(values[name])}" for name in values), "}"]
    return "\n".join(lines) + "\n"


def write(folder: Path, wanted: Mapping[str, Settings]) -> Sequence[Path]:
    """Write configuration files into a folder."""
    paths = [folder / name for name in wanted]
    for path in paths:
        path.write_text(jcfg(wanted[path.name]))
    return paths


def _literal(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
