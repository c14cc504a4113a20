"""The image from the real Dockerfile: built, measured, started read-only, called through, ended.

It takes minutes and fetches a Debian system, so it runs when it is asked for: ``make container``.
"""

import os
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from benchmarks.load.party import Party
from tests.deploy.containers import Store, missing
from tests.deploy.proxies import free_ports
from tests.support.server import Server, Socket

IMAGE = "localhost/crossover"
MOST_BYTES = 450_000_000
USER = "10001:10001"
SECRET = "a secret of tests, thirty-two bytes and more"
PATIENCE = 60.0
GLANCE = 0.1

WANTED = os.environ.get("CROSSOVER_TEST_CONTAINER") == "1"
pytestmark = [
    pytest.mark.container,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not WANTED, reason="takes minutes: make container"),
    pytest.mark.skipif(bool(missing()), reason=missing() or "everything is there"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """With the image in it."""
    made = Store(tmp_path_factory.mktemp("containers"))
    made.make_bases()
    made.build(IMAGE)
    yield made
    made.podman("rm", "--force", "--all")
    made.buildah("rmi", "--all", "--force")


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "CROSSOVER_SECRET").write_text(f"{SECRET}\n")
    (folder / "CROSSOVER_SECRET").chmod(0o400)
    os.chown(folder / "CROSSOVER_SECRET", *map(int, USER.split(":")))
    return folder


@pytest.fixture
def port(store: Store, secrets: Path) -> Iterator[int]:
    """Of a container that runs and is well."""
    [free] = free_ports(1)
    settings = {
        "CROSSOVER_HOST": "127.0.0.1",
        "CROSSOVER_PORT": str(free),
        "CROSSOVER_WORKERS": "1",
        "CROSSOVER_SFU_PORT": "0",
        "CROSSOVER_ANNOUNCED_IPS": "127.0.0.1",
        "CROSSOVER_MESH_LIMIT": "2",
        "CROSSOVER_RETURN_AT": "2",
        "CROSSOVER_RETURN_AFTER": "0.2",
        "CROSSOVER_PREWARM_FROM": "2",
        "CROSSOVER_REQUESTS_PER_SECOND": "0",
    }
    options = [word for pair in settings.items() for word in ("--env", "=".join(pair))]
    store.start(
        "crossover", IMAGE, "--no-healthcheck", "--volume", f"{secrets}:/run/secrets:ro", *options
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while not _well(free):
            assert time.monotonic() < deadline, store.podman("logs", "crossover")
            time.sleep(GLANCE)
        yield free
    finally:
        store.podman("rm", "--force", "--time", "1", "--volumes", "crossover")


def _well(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            health = msgspec.json.decode(answer.read())
            return bool(health["sfu"]["workers"] == 1)
    except OSError:
        return False


def test_image_is_small_and_says_what_it_is(store: Store) -> None:
    image = store.inspect("image", IMAGE)
    assert image["Size"] <= MOST_BYTES
    assert image["User"] == USER
    assert image["Labels"]["org.opencontainers.image.title"] == "Crossover"
    assert not any(SECRET in variable for variable in image["Config"]["Env"])


def test_image_has_nothing_of_development(store: Store) -> None:
    packages = "/opt/crossover/lib/python3.11/site-packages"
    container = store.buildah("from", IMAGE)
    root = Path(store.buildah("mount", container))
    there = {path.name.lower() for path in (root / packages.lstrip("/")).iterdir()}
    assert {"aiohttp", "sfu", "signaling", "benchmarks", "numpy", "av"} <= there
    assert not there & {
        "matplotlib",
        "pytest",
        "hypothesis",
        "mypy",
        "playwright",
        "hatchling",
        "pip",
    }
    assert (root / packages.lstrip("/") / "signaling/http/page/index.html").is_file()
    assert not list(root.glob("build"))
    assert not list(root.glob("root/.cache"))
    assert not list((root / "var/lib/apt/lists").iterdir())
    store.buildah("rm", container)


async def test_call_in_mesh_and_through_the_sfu(port: int) -> None:
    party = await Party.gather(f"http://127.0.0.1:{port}", 2)
    await party.rest("mesh")
    cleo = await party.join()
    await party.rest("sfu")
    await party.leave(cleo)
    await party.rest("mesh")
    assert party.faults() == []
    party.close()


def test_nobody_in_it_may_do_much(store: Store, port: int) -> None:
    status = store.podman("exec", "crossover", "cat", "/proc/1/status")
    said = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert said["Name"] == "tini"
    assert set(said["Uid"].split()) == {USER.partition(":")[0]}
    assert {said[f"Cap{kind}"].strip("0") for kind in ("Prm", "Eff", "Bnd", "Inh")} == {""}
    assert said["NoNewPrivs"] == "1"
    for place, writable in (("/etc/x", 0), ("/opt/crossover/x", 0), ("/tmp/x", 1)):
        done = store.podman("exec", "crossover", "sh", "-c", f"touch {place} 2>&1 && echo yes || :")
        assert done.endswith("yes") == bool(writable), place


def test_secret_comes_from_its_file_and_is_kept_from_the_workers(store: Store, port: int) -> None:
    seen = store.podman(
        "exec",
        "crossover",
        "sh",
        "-c",
        "for one in /proc/[0-9]*; do tr '\\0' '\\n' < $one/cmdline | head -4 | tr '\\n' ' '; "
        "tr '\\0' '\\n' < $one/environ | grep -c '^CROSSOVER_SECRET=' || :; done",
    ).splitlines()
    workers = [line for line in seen if " -m sfu " in f" {line} "]
    serving = [line for line in seen if "crossover serve" in line and "tini" not in line]
    assert workers
    assert serving
    assert all(line.endswith(" 0") for line in workers), workers
    assert all(line.endswith(" 1") for line in serving), serving
    shown = store.inspect("container", "crossover")
    assert SECRET not in str(shown)


def test_health_check_of_the_image(store: Store, port: int) -> None:
    check = store.inspect("image", IMAGE)["Healthcheck"]["Test"]
    assert check[0] == "CMD"
    store.podman("exec", "crossover", *check[1:])
    nobody = ("sh", "-c", f"CROSSOVER_PORT=1 {' '.join(check[1:])} 2>&1; echo code $?")
    assert store.podman("exec", "crossover", *nobody).endswith("code 1")


def test_orphans_are_reaped(store: Store, port: int) -> None:
    store.podman("exec", "crossover", "sh", "-c", "(sh -c 'exit 3' & exec sleep 0.01) & exit 0")
    deadline = time.monotonic() + PATIENCE
    while "Z" in store.podman(
        "exec",
        "crossover",
        "sh",
        "-c",
        "cat /proc/[0-9]*/stat 2>/dev/null | cut -d' ' -f3 | tr -d '\\n'",
    ):
        assert time.monotonic() < deadline
        time.sleep(GLANCE)


async def test_sigterm_drains_and_ends_well(store: Store, port: int) -> None:
    async with Server(workers=0) as here:  # only for its HTTP client
        socket = Socket(await here.http.ws_connect(f"http://127.0.0.1:{port}/ws"))
        await socket.expect("client-id")
        store.podman("kill", "--signal", "TERM", "crossover")
        assert (await socket.expect("goodbye"))["code"] == "shutdown"
        assert await socket.closed() == 4012
    assert store.podman("wait", "crossover") == "0"


def test_wrong_setting_stops_the_start_with_a_sentence(store: Store, secrets: Path) -> None:
    store.start("wrong", IMAGE, "--no-healthcheck", "--env", "CROSSOVER_PORT=http")
    assert store.podman("wait", "wrong") == "2"
    # Both streams of a container come out on one here or the other.
    said = store.podman("inspect", "--format", "{{.State.ExitCode}}", "wrong")
    assert said == "2"
    store.podman("rm", "--volumes", "wrong")
