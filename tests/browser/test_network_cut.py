"""Two computers and the cable between them, which is pulled, or gets another address.

Each browser runs in a network namespace of its own, joined to the server's by a bridge, so that
everything is cut at once: signaling and media. Needs root and iproute2.
"""

import os
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.browser.conftest import FLAGS, PROBE, chromium
from tests.browser.people import PATIENCE, Person, each_sees_each
from tests.support.server_process import ServerProcess

SERVER = "10.77.9.1"
COMPUTERS = {"ada": "10.77.9.2", "grace": "10.77.9.3"}
ANOTHER = "10.77.9.13"


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def may_make_networks() -> bool:
    if shutil.which("ip") is None or os.geteuid() != 0:
        return False
    made = subprocess.run(["ip", "netns", "add", "crossover-may"], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", "crossover-may"], capture_output=True, check=False)
    return made.returncode == 0


needs_networks = pytest.mark.skipif(
    not may_make_networks(), reason="network namespaces need root and iproute2"
)


@pytest.fixture
def cables() -> Iterator[None]:
    """A bridge on the server's side and a namespace a computer, each on its own cable."""
    remove()
    ip("link", "add", "xo-bridge", "type", "bridge")
    ip("addr", "add", f"{SERVER}/24", "dev", "xo-bridge")
    ip("link", "set", "xo-bridge", "up")
    for name, address in COMPUTERS.items():
        ip("netns", "add", f"xo-{name}")
        ip(
            "link",
            "add",
            f"xo-{name}",
            "type",
            "veth",
            "peer",
            "name",
            "eth0",
            "netns",
            f"xo-{name}",
        )
        ip("link", "set", f"xo-{name}", "master", "xo-bridge", "up")
        ip("-n", f"xo-{name}", "addr", "add", f"{address}/24", "dev", "eth0")
        ip("-n", f"xo-{name}", "link", "set", "eth0", "up")
        ip("-n", f"xo-{name}", "link", "set", "lo", "up")
    yield
    remove()


def remove() -> None:
    for words in (
        *(["netns", "del", f"xo-{name}"] for name in COMPUTERS),
        *(["link", "del", f"xo-{name}"] for name in COMPUTERS),
        ["link", "del", "xo-bridge"],
    ):
        subprocess.run(["ip", *words], capture_output=True, check=False)


def browser_in(namespace: str, folder: Path) -> str:
    """A launcher that starts the browser on another computer."""
    launcher = folder / f"chromium-{namespace}"
    launcher.write_text(f'#!/bin/sh\nexec ip netns exec {namespace} {chromium()} "$@"\n')
    launcher.chmod(launcher.stat().st_mode | stat.S_IXUSR)
    return str(launcher)


@pytest.fixture
def remote_server(cables: None, tmp_path: Path) -> Iterator[ServerProcess]:
    running = ServerProcess(
        tmp_path,
        host=SERVER,
        CROSSOVER_WORKERS="1",
        CROSSOVER_SFU_PORT="0",
        CROSSOVER_ANNOUNCED_IPS=SERVER,
    )
    running.start()
    yield running
    running.stop()
    assert running.complaints() == []


@pytest.fixture
def people(
    remote_server: ServerProcess, playwright: Playwright, tmp_path: Path
) -> Iterator[list[Person]]:
    secure = f"--unsafely-treat-insecure-origin-as-secure={remote_server.url}"
    made, browsers = [], []
    for name in COMPUTERS:
        path = browser_in(f"xo-{name}", tmp_path)
        browsers.append(playwright.chromium.launch(executable_path=path, args=[*FLAGS, secure]))
        made.append(Person(browsers[-1], PROBE, name.title()))
    yield made
    for person in made:
        person.close()
    for browser in browsers:
        browser.close()


def check_that_nothing_is_lost(ada: Person, grace: Person, words: str) -> None:
    each_sees_each([ada, grace])
    for person in (ada, grace):
        person.expect_flowing()
    ada.say(words)
    grace.expect_said(words)


def meet(people: list[Person], server: ServerProcess, *, through_server: bool) -> None:
    ada, grace = people
    grace.join(ada.open_room(server.url, through_server=through_server))
    each_sees_each(people)


@needs_networks
@pytest.mark.parametrize("through_server", [False, True], ids=["mesh", "sfu"])
def test_network_cut(
    people: list[Person], remote_server: ServerProcess, through_server: bool
) -> None:
    ada, grace = people
    meet(people, remote_server, through_server=through_server)
    identities = [ada.own_id, grace.own_id]

    ip("link", "set", "xo-grace", "down")
    time.sleep(5)  # the length of the cut is the case, not a wait for something
    ip("link", "set", "xo-grace", "up")
    check_that_nothing_is_lost(ada, grace, "Back after five seconds")

    ip("link", "set", "xo-grace", "down")
    waiting = grace.page.locator("[data-testid=tile][data-status=reconnecting]")
    expect(waiting).to_have_count(1, timeout=PATIENCE)
    expect(ada.others).to_have_count(1)  # the tile stays while its person is expected back
    ip("link", "set", "xo-grace", "up")
    check_that_nothing_is_lost(ada, grace, "Back after a longer cut")

    assert [ada.own_id, grace.own_id] == identities


@needs_networks
def test_another_address_in_mid_call(people: list[Person], remote_server: ServerProcess) -> None:
    ada, grace = people
    meet(people, remote_server, through_server=True)
    identities = [ada.own_id, grace.own_id]
    ip("-n", "xo-grace", "addr", "del", f"{COMPUTERS['grace']}/24", "dev", "eth0")
    ip("-n", "xo-grace", "addr", "add", f"{ANOTHER}/24", "dev", "eth0")
    check_that_nothing_is_lost(ada, grace, "From somewhere else")
    assert [ada.own_id, grace.own_id] == identities
