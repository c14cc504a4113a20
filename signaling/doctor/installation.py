"""Verdicts on what was configured and installed: secrets, folders, the page, origins, proxies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from signaling.doctor.finding import Finding, fail, ok, warn
from signaling.setting_values import Network

SHORTEST: Final = 32
"""Characters of a secret: 128 bits as hexadecimal digits."""

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class PathFacts:
    """A file or folder.

    Attributes:
        path: As the operator knows it.
        exists: It is there.
        is_usable: We can read and write it; of what is not there, whether it can be made.
        is_shared: Somebody else than its owner may read or enter it.
        length: Characters of a file that holds a secret.
        detail: The system's words when it is not usable.
    """

    path: str
    exists: bool
    is_usable: bool
    is_shared: bool = False
    length: int = 0
    detail: str = ""


def folder_verdict(facts: PathFacts) -> Finding:
    """Whether the state folder can keep what is put there, and keep it to itself."""
    subject = f"state folder {facts.path}"
    if not facts.is_usable:
        return fail(
            subject,
            f"It cannot be written ({facts.detail}): after a restart clients become strangers, "
            "and workers cannot be reached.",
            "Set CROSSOVER_STATE_DIR to a folder of this user.",
        )
    if not facts.exists:
        return ok(subject, "It will be made at the first start.")
    if facts.is_shared:
        return warn(
            subject,
            "Other users may look into it, and it has the SFU's control sockets.",
            f"chmod 700 {facts.path}",
        )
    return ok(subject, "It can be written, and is private.")


def signing_verdict(configured: int, kept: PathFacts) -> Finding:
    """The secret behind resume tokens and tickets.

    Args:
        configured: Characters of CROSSOVER_SECRET; 0 = one is made and kept.
        kept: The file where a made one is.
    """
    subject = "signing secret"
    if configured:
        return ok(subject, f"CROSSOVER_SECRET has {configured} characters.")
    if not kept.exists:
        if kept.is_usable:
            return ok(subject, "It will be made at the first start.")
        return fail(
            subject,
            f"None is configured, and none can be kept ({kept.detail}).",
            "Set CROSSOVER_SECRET, or CROSSOVER_STATE_DIR to a folder of this user.",
        )
    if not kept.is_usable:
        return fail(subject, f"{kept.path} cannot be read ({kept.detail}).", "Correct its owner.")
    if kept.is_shared:
        return fail(
            subject,
            f"Other users may read {kept.path}: they can take on any member's identity.",
            f"Remove {kept.path} to have a new one made, readable by this user only.",
        )
    if kept.length < SHORTEST:
        return fail(
            subject,
            f"{kept.path} is too short to sign with: each start makes another.",
            f"Remove {kept.path} to have a new one made.",
        )
    return ok(subject, "It was made here, and only this user can read it.")


def strength_verdicts(lengths: Sequence[tuple[str, int]]) -> Iterator[Finding]:
    """Whether secrets that the operator chose can be guessed.

    Args:
        lengths: Variable and characters, of those that are set.
    """
    for variable, length in lengths:
        if length < SHORTEST:
            yield warn(
                variable,
                f"It has {length} characters, and fewer than {SHORTEST} may be guessed.",
                "Set it to what `openssl rand -hex 32` prints.",
            )
        else:
            yield ok(variable, f"It has {length} characters.")


def page_verdict(is_built: bool) -> Finding:
    """Whether there is something to show."""
    if is_built:
        return ok("page", "It is built.")
    return fail("page", "It is not built: browsers are told so.", "Run `make page`.")


def origin_verdict(origins: Sequence[str]) -> Finding:
    """Whose pages may connect."""
    subject = "allowed origins"
    if "*" in origins:
        return warn(
            subject,
            "Pages of any site may connect in the name of who looks at them.",
            "Name the origins in CROSSOVER_ALLOWED_ORIGINS, or leave it empty for this server's "
            "own.",
        )
    odd = [one for one in origins if urlsplit(one).path or not urlsplit(one).hostname]
    if odd:
        return fail(
            subject,
            f"No browser says it comes from {', '.join(odd)}.",
            "Name scheme, host and port only in CROSSOVER_ALLOWED_ORIGINS.",
        )
    insecure = [
        one for one in origins if one.startswith("http://") and urlsplit(one).hostname not in _HERE
    ]
    if insecure:
        return warn(
            subject,
            f"Pages from {', '.join(insecure)} get no camera: browsers want HTTPS.",
            "Use https:// there.",
        )
    return ok(subject, f"{', '.join(origins)}." if origins else "This server's own.")


def proxy_verdict(
    host: str, proxies: Sequence[Network], websocket_url: str, *, has_tls: bool = False
) -> Iterator[Finding]:
    """Whether people come in as they should.

    Args:
        host: Where we listen; empty = everywhere.
        proxies: Whose X-Forwarded-For is believed.
        websocket_url: Where the page connects to; empty = where it came from.
        has_tls: We speak TLS ourselves.
    """
    subject = "proxy"
    endless = [str(one) for one in proxies if one.prefixlen == 0]
    if endless:
        yield fail(
            subject,
            f"Everybody's X-Forwarded-For is believed ({', '.join(endless)}): limits per address "
            "can be evaded.",
            "Name only your proxies in CROSSOVER_TRUSTED_PROXIES.",
        )
    elif proxies:
        yield ok(subject, f"X-Forwarded-For is believed from {', '.join(map(str, proxies))}.")
    elif has_tls:
        yield ok(subject, "None is trusted, and none is needed: TLS is spoken here.")
    elif host in _HERE:
        yield warn(
            subject,
            "Only this machine can connect, and no proxy is trusted: behind one, all people "
            "count as one address, and share its limits.",
            "Set CROSSOVER_TRUSTED_PROXIES to the proxy's address, if there is one.",
        )
    else:
        yield warn(
            subject,
            "No TLS proxy is trusted: from other machines browsers give no camera to a page over "
            "HTTP, and behind a proxy all people count as one address.",
            "Put a TLS proxy in front and set CROSSOVER_TRUSTED_PROXIES to its address.",
        )
    if urlsplit(websocket_url).scheme == "ws" and urlsplit(websocket_url).hostname not in _HERE:
        yield warn(
            "WEBSOCKET_URL",
            "It is ws://, which a page over HTTPS may not use.",
            "Use wss:// there, or leave it empty.",
        )
