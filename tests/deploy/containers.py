"""An image built and run without Docker: buildah, and podman with runc, on a base of debootstrap's.

A registry's base images are not needed: Debian's minimal system with its own Python, and the Node
that builds the page here, stand in their places. All else is the real Dockerfile.
"""

import json
import os
import resource
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent.parent
PROGRAMS: Final = ("buildah", "podman", "runc", "debootstrap", "node", "npm")
AUTHORITIES: Final = "/etc/ssl/certs/ca-certificates.crt"
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
RELEASE: Final = "bookworm"
UNREAD: Final = (
    "var/cache/apt",
    "var/lib/apt/lists",
    "usr/share/doc",
    "usr/share/info",
    "usr/share/lintian",
    "usr/share/locale",
    "usr/share/man",
)
"""What the slim base images of registries leave out as well."""


def missing() -> str:
    """Why there can be no container here; empty when there can."""
    if os.geteuid() != 0:
        return "building an image without Docker needs root"
    gone = [name for name in PROGRAMS if shutil.which(name) is None]
    return f"not installed: {', '.join(gone)}" if gone else ""


@dataclass(frozen=True)
class Store:
    """Where images and containers are: a folder of its own, that can be thrown away."""

    folder: Path

    def buildah(self, *words: str) -> str:
        """Runs buildah; what it prints."""
        return _run("buildah", *self._where(), *words)

    def podman(self, *words: str) -> str:
        """Runs podman; what it prints."""
        return _run("podman", *self._where(), "--runtime", "runc", *words)

    def inspect(self, kind: str, name: str) -> dict[str, Any]:
        """What podman knows of an image or a container."""
        found: list[dict[str, Any]] = json.loads(self.podman("inspect", "--type", kind, name))
        return found[0]

    def make_bases(self) -> None:
        """``localhost/python-base`` and ``localhost/node-base``."""
        system = self.folder / "system"
        included = "python3,python3-venv,ca-certificates"
        _run("debootstrap", "--variant=minbase", f"--include={included}", RELEASE, str(system))
        # What this machine trusts, its image trusts: there may be a proxy between it and the world.
        shutil.copy(AUTHORITIES, f"{system}{AUTHORITIES}")
        for stale in UNREAD:
            shutil.rmtree(system / stale, ignore_errors=True)
            (system / stale).mkdir(parents=True)
        self._keep(system, "localhost/python-base")
        node, npm = (Path(shutil.which(name) or name).resolve() for name in ("node", "npm"))
        package = npm.parent.parent
        shutil.copy(node, system / "usr/bin/node")
        shutil.copytree(package, system / "usr/lib/node_modules/npm", symlinks=True)
        (system / "usr/bin/npm").symlink_to("../lib/node_modules/npm/bin/npm-cli.js")
        self._keep(system, "localhost/node-base")
        shutil.rmtree(system)

    def build(self, name: str) -> None:
        """The project's image, from its Dockerfile as it is."""
        bases = ("PYTHON_IMAGE=localhost/python-base", "NODE_IMAGE=localhost/node-base")
        self.buildah(
            *("build", "--isolation", "chroot", "--format", "docker", "--timestamp", "0"),
            *(word for base in bases for word in ("--build-arg", base)),
            *("--tag", name, str(ROOT)),
        )

    def start(self, name: str, image: str, *options: str) -> None:
        """A container as in ``compose.yaml``: read-only, no capability, the host's network."""
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        self.podman(
            *("run", "--detach", "--name", name, "--network", "host", "--read-only"),
            *("--read-only-tmpfs=false", "--tmpfs", "/tmp:mode=1777,size=64m"),
            *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
            *("--ulimit", f"nofile={files}:{files}", "--ulimit", "nproc=4096:4096"),
            *(*options, image),
        )

    def _keep(self, system: Path, name: str) -> None:
        container = self.buildah("from", "scratch")
        # Not shutil: it would read /dev/zero to its end.
        _run("cp", "--archive", f"{system}/.", self.buildah("mount", container))
        trusted = ("PIP_CERT", "NODE_EXTRA_CA_CERTS")
        for variable, value in (*((one, AUTHORITIES) for one in trusted), ("PATH", PATH)):
            self.buildah("config", "--env", f"{variable}={value}", container)
        self.buildah("commit", "--quiet", "--rm", container, name)

    def _where(self) -> tuple[str, ...]:
        images, state = self.folder / "images", self.folder / "state"
        return "--storage-driver", "vfs", "--root", str(images), "--runroot", str(state)


def _run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout.strip()
