"""Building the Go program offline, against the sources that Debian packages.

Debian's Go packages live in a GOPATH. There, ``…/webrtc/v3`` is found in ``…/webrtc`` only by a
program that has a ``go.mod`` and lies in a GOPATH itself: so its sources are copied into one.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from benchmarks.processes import StartFailed

SOURCES: Final = Path(__file__).parent
PACKAGED: Final = Path("/usr/share/gocode")
PION: Final = PACKAGED / "src" / "github.com" / "pion" / "webrtc"

_BUILD: Final = SOURCES / "build"
PROGRAM: Final = _BUILD / "sfu"


def sources() -> list[Path]:
    """What the program is made of."""
    return sorted([*SOURCES.glob("*.go"), SOURCES / "go.mod"])


def built() -> Path:
    """The program, built anew if it is older than its sources.

    Raises:
        StartFailed: it cannot be built; the message is the compiler's.
    """
    newest = max(source.stat().st_mtime for source in sources())
    if not PROGRAM.exists() or PROGRAM.stat().st_mtime < newest:
        _build()
    return PROGRAM


def _build() -> None:
    folder = _BUILD / "src" / "crossover" / "pion"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for source in sources():
        shutil.copy(source, folder)
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "GOPATH": f"{_BUILD}:{PACKAGED}",
        "GOCACHE": str(_BUILD / "cache"),
    }
    done = subprocess.run(
        ["go", "build", "-o", str(PROGRAM), "."],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StartFailed(f"the SFU on Pion cannot be built:\n{done.stderr[-2000:]}")
