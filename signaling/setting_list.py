"""The one list of everything that can be set.

The command's flags, the environment variables and the table in the README come from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from signaling import setting_values as kind


@dataclass(frozen=True)
class Setting:
    """One thing that can be set.

    Attributes:
        name: The flag is ``--name`` with dashes, the variable ``CROSSOVER_NAME``.
        default: As the operator would write it.
        parse: From text; raises ``ValueError`` with what was expected.
        help: One line.
        plain: A variable without prefix that is understood too.
        secret: Never printed.
    """

    name: str
    default: str
    parse: Callable[[str], Any]
    help: str
    plain: str = ""
    secret: bool = False

    @property
    def flag(self) -> str:
        """As on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def variables(self) -> list[str]:
        """In the environment, the first that is set counts."""
        return [f"CROSSOVER_{self.name.upper()}", *([self.plain] if self.plain else [])]


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "host", "", kind.text, "Address to listen on; empty = all, IPv4 and IPv6.", plain="HOST"
    ),
    Setting("port", "3000", kind.whole(0, 65535), "TCP port; 0 = any free one.", plain="PORT"),
    Setting(
        "websocket_url",
        "",
        kind.websocket_url,
        "Where the page connects to; empty = where it came from.",
        plain="WEBSOCKET_URL",
    ),
    Setting(
        "allowed_origins",
        "",
        kind.origins,
        "Origins whose pages may connect; empty = this server's own, * = any.",
    ),
    Setting(
        "trusted_proxies",
        "",
        kind.networks,
        "Proxies whose X-Forwarded-For is believed.",
    ),
    Setting(
        "tls_certificate", "", kind.text, "PEM file of the TLS certificate chain; empty = no TLS."
    ),
    Setting("tls_key", "", kind.text, "PEM file of its private key."),
    Setting("redirect_port", "0", kind.whole(0, 65535), "TCP port that leads to TLS; 0 = none."),
    Setting(
        "frame_ancestors",
        "",
        kind.frame_ancestors,
        "Origins whose pages may show ours in a frame; empty = none, * = any.",
    ),
    Setting(
        "secret",
        "",
        kind.text,
        "Signs resume tokens and room tickets; empty = made once, kept in the state folder.",
        secret=True,
    ),
    Setting(
        "access",
        "open",
        kind.choice("open", "token"),
        "Who makes and joins rooms: open = anybody, token = who has a join token.",
    ),
    Setting(
        "token_secret",
        "",
        kind.text,
        "Signs join tokens, for applications that mint their own; empty = derived from the secret.",
        secret=True,
    ),
    Setting(
        "state_dir",
        "~/.local/state/crossover",
        kind.text,
        "For the made secret and the SFU's control sockets.",
    ),
    Setting(
        "admin_token",
        "",
        kind.text,
        "Bearer token of the REST API; empty = the API is off.",
        secret=True,
    ),
    Setting("metrics", "", kind.listener, "Host and port of the metrics; empty = off."),
    Setting("metrics_token", "", kind.text, "Bearer token of the metrics, if any.", secret=True),
    Setting(
        "workers",
        "auto",
        kind.workers,
        "SFU processes; auto = one per core but one, 0 = no SFU, mesh only.",
    ),
    Setting("sfu_host", "", kind.text, "Address the SFU listens at; empty = all."),
    Setting(
        "sfu_port",
        "auto",
        kind.udp_port,
        "UDP port of the first SFU process, the others follow; 0 = any free ones, "
        "auto = 40000 or any that is free.",
    ),
    Setting(
        "sfu_tcp_port",
        "auto",
        kind.sfu_tcp,
        "TCP port of the first SFU process, for those without UDP, the others follow; "
        "auto = the number of its UDP port, off = none.",
    ),
    Setting(
        "announced_tcp_port",
        "0",
        kind.whole(0, 65535),
        "TCP port browsers are told, where a firewall in front has another; 0 = as it is.",
    ),
    Setting(
        "announced_ips",
        "",
        kind.addresses,
        "Addresses browsers send media to, comma-separated; empty = this machine's own.",
    ),
    Setting("sfu_room_members", "1000", kind.COUNT, "Most people in a room on the SFU."),
    Setting(
        "sfu_grace", "5", kind.seconds(), "Seconds without SFU after which rooms return to mesh."
    ),
    Setting(
        "log_level", "info", kind.choice("debug", "info", "warning", "error"), "What is logged."
    ),
    Setting("log_format", "text", kind.choice("text", "json"), "How log lines are written."),
    Setting(
        "log_addresses", "redacted", kind.choice("full", "redacted"), "Clients' addresses in it."
    ),
    Setting("drain_seconds", "10", kind.seconds(), "Seconds calls have to end after SIGTERM."),
    Setting("worker_drain_seconds", "30", kind.seconds(), "Seconds an SFU process has to be left."),
    Setting("loudest", "4", kind.RATE, "Voices forwarded where many are on; 0 = all."),
    Setting("worker_load_limit", "0.85", kind.share, "Core's share at which it takes no more."),
    Setting("worker_packets_limit", "0", kind.RATE, "The same in packets a second; 0 = none."),
    Setting("resume_grace", "30", kind.seconds(), "Seconds a dropped connection keeps its place."),
    Setting("reload_grace", "5", kind.seconds(), "The same when the page was closed or reloaded."),
    Setting("empty_room_ttl", "0", kind.seconds(), "Seconds an empty room is kept."),
    Setting(
        "legacy_direct",
        "auto",
        kind.switch,
        "Relay messages without a room id: on, off, auto = for clients on this machine.",
    ),
    Setting(
        "stun_servers",
        "",
        kind.urls("stun", "stuns"),
        "STUN addresses, comma-separated.",
        plain="STUN_SERVERS",
    ),
    Setting(
        "turn_servers",
        "",
        kind.urls("turn", "turns"),
        "TURN addresses, comma-separated.",
        plain="TURN_SERVERS",
    ),
    Setting("turn_username", "", kind.text, "Shared TURN user name.", plain="TURN_USERNAME"),
    Setting(
        "turn_credential",
        "",
        kind.text,
        "Shared TURN password.",
        plain="TURN_CREDENTIAL",
        secret=True,
    ),
    Setting(
        "turn_secret",
        "",
        kind.text,
        "coturn's static-auth-secret, for credentials that expire.",
        plain="TURN_SECRET",
        secret=True,
    ),
    Setting("turn_ttl", "3600", kind.whole(60, 86400), "Seconds such credentials live."),
    Setting("mesh_limit", "6", kind.whole(2, 32), "Most people in a mesh while an SFU is alive."),
    Setting("mesh_cap", "8", kind.whole(2, 32), "Most people in a mesh when none is."),
    Setting("strain_from", "5", kind.whole(2, 32), "People from which the page hints at strain."),
    Setting(
        "prewarm_from",
        "5",
        kind.whole(0, 32),
        "People from which a mesh readies the SFU; 0 = never.",
    ),
    Setting(
        "limited_from",
        "4",
        kind.whole(0, 32),
        "People from which one overloaded device moves a mesh; 0 = never.",
    ),
    Setting("return_at", "5", kind.whole(1, 32), "People at which a room returns to mesh..."),
    Setting("return_after", "20", kind.seconds(), "...when it had no more for so many seconds."),
    Setting(
        "hand_over_seconds", "5", kind.seconds(1, 60), "Longest preparation of a change of mode."
    ),
    Setting(
        "crosses_over", "on", kind.on_off, "Whether rooms move to the SFU and back by themselves."
    ),
    Setting("frame_bytes", "65536", kind.whole(1024, 1 << 24), "Largest frame."),
    Setting("messages_per_second", "100", kind.RATE, "Per connection; 0 = no limit."),
    Setting("message_burst", "300", kind.COUNT, "At once, after being quiet."),
    Setting("media_requests_per_second", "200", kind.RATE, "The same of requests to the SFU."),
    Setting("media_request_burst", "4000", kind.COUNT, "At once, after being quiet."),
    Setting(
        "flood_strikes", "300", kind.COUNT, "Refused frames after which a connection is closed."
    ),
    Setting(
        "connections",
        "auto",
        kind.file_bound,
        "TCP connections in all; auto = as many as files may be open, but some.",
    ),
    Setting(
        "unfinished_connections",
        "2048",
        kind.COUNT,
        "Of them, those that have sent no request yet.",
    ),
    Setting(
        "request_timeout", "10", kind.seconds(1, 3600), "Seconds for TLS, and for a request's head."
    ),
    Setting(
        "answer_timeout", "30", kind.seconds(1, 3600), "For its body, and for reading our answer."
    ),
    Setting("idle_timeout", "75", kind.seconds(1, 3600), "Seconds between two requests."),
    Setting(
        "requests_per_second", "50", kind.RATE, "HTTP requests from one address; 0 = no limit."
    ),
    Setting("request_burst", "1000", kind.COUNT, "At once, after being quiet."),
    Setting("connections_per_address", "256", kind.COUNT, "Open connections from one address."),
    Setting("rooms_per_address", "64", kind.COUNT, "Rooms made from one address."),
    Setting("rooms_per_member", "16", kind.COUNT, "Rooms one person is in at once."),
    Setting("room_members", "1000", kind.COUNT, "People in one room."),
    Setting("name_length", "64", kind.whole(1, 256), "Characters in a name."),
    Setting("description_length", "500", kind.whole(1, 4000), "Characters in a description."),
    Setting("chat_length", "4000", kind.whole(1, 8192), "Characters in a chat message."),
    Setting("channels_per_connection", "32", kind.COUNT, "Channels a connection subscribes to."),
    Setting(
        "queued_bytes", "1048576", kind.COUNT, "Bytes waiting for a client that does not read."
    ),
    Setting("replay_frames", "1024", kind.COUNT, "Frames kept for a client that may resume."),
    Setting("replay_bytes", "524288", kind.COUNT, "The same, in bytes."),
    Setting("listed_rooms", "500", kind.COUNT, "Rooms in one list."),
    Setting("transports_per_member", "8", kind.COUNT, "SFU transports of one person in a room."),
    Setting("producers_per_member", "16", kind.COUNT, "What one may publish there."),
    Setting("consumers_per_member", "2000", kind.COUNT, "What one may receive there."),
)
