"""The signing secret: the operator's, or one made at the first start and kept for the next."""

import logging
import os
import secrets
from pathlib import Path

from signaling.config import ConfigError, Settings

log = logging.getLogger(__name__)

SHORTEST = 32
"""Bytes of a secret that may sign."""


def kept_secret(settings: Settings) -> bytes:
    """The secret of a server; where none can be kept, one for this run only."""
    if settings.secret:
        return settings.secret.encode()
    path = _path(settings)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        kept = path.read_text().strip().encode()
        if len(kept) >= SHORTEST:
            return kept
        log.warning("%s is too short to sign with; delete it to have a new one made", path)
    except OSError as error:
        log.warning(
            "no secret can be kept (%s): after a restart clients become strangers; "
            "set CROSSOVER_SECRET or CROSSOVER_STATE_DIR",
            error,
        )
    return secrets.token_bytes(32)


def shared_secret(settings: Settings) -> bytes:
    """The secret that a server with these settings has, for a command beside it.

    Raises:
        ConfigError: There is none to be found.
    """
    if settings.secret:
        return settings.secret.encode()
    path = _path(settings)
    try:
        kept = path.read_text().strip().encode()
    except OSError as error:
        reason = (os.strerror(error.errno) if error.errno else str(error)).lower()
        raise ConfigError(
            f"The server's secret cannot be read from {path} ({reason}). Run this as the user "
            "the server runs as, after its first start, or set CROSSOVER_TOKEN_SECRET, "
            "CROSSOVER_SECRET or CROSSOVER_STATE_DIR as for the server."
        ) from None
    if len(kept) < SHORTEST:
        raise ConfigError(f"{path} is too short to sign with; delete it and restart the server.")
    return kept


def _path(settings: Settings) -> Path:
    return Path(settings.state_dir).expanduser() / "secret"
