"""Files and folders of ours."""

import os
from pathlib import Path
from typing import Final

from signaling.doctor.installation import PathFacts

_OTHERS: Final = 0o077


def folder(path: Path) -> PathFacts:
    """A folder that is to be written; one that is not there yet could be made, or not."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return _to_be_made(path)
    except OSError as error:
        return PathFacts(str(path), exists=False, is_usable=False, detail=_why(error))
    usable = path.is_dir() and os.access(path, os.R_OK | os.W_OK | os.X_OK)
    detail = "permission denied" if path.is_dir() else "it is no folder"
    shared = bool(mode & _OTHERS)
    return PathFacts(str(path), True, usable, shared, detail="" if usable else detail)


def secret_file(path: Path) -> PathFacts:
    """A file that holds a secret; of the secret only its length is told."""
    try:
        mode = path.stat().st_mode
        length = len(path.read_text().strip())
    except FileNotFoundError:
        return _to_be_made(path)
    except (OSError, UnicodeDecodeError) as error:
        exists = not isinstance(error, NotADirectoryError)
        return PathFacts(str(path), exists, is_usable=False, detail=_why(error))
    return PathFacts(str(path), True, True, bool(mode & _OTHERS), length)


def _to_be_made(path: Path) -> PathFacts:
    """By whether the nearest folder above it that is there can be written."""
    above = next(one for one in path.parents if one.exists())
    usable = above.is_dir() and os.access(above, os.W_OK | os.X_OK)
    detail = "" if usable else f"nothing can be made in {above}"
    return PathFacts(str(path), exists=False, is_usable=usable, detail=detail)


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()
    return "it holds no text"
