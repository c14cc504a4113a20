"""Links with join tokens: who they let in, as whom, and what the page and the server keep to."""

import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import PATIENCE, Person, each_sees_each
from tests.support.server_process import ROOT, ServerProcess

pytestmark = pytest.mark.parametrize("sfu_server", [{"CROSSOVER_ACCESS": "token"}], indirect=True)

COUNT_QUESTIONS = """() => {
  globalThis.__questions = 0;
  const devices = navigator.mediaDevices;
  const ask = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (...all) => { globalThis.__questions += 1; return ask(...all); };
}"""

PUBLISH = """async ([token, room]) => {
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/ws');
  const waiting = new Map();
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    waiting.get(message.id)?.(message);
  };
  await new Promise((done) => { socket.onopen = done; });
  let last = 0;
  const ask = (type, fields) => new Promise((done) => {
    const id = (last += 1);
    waiting.set(id, done);
    socket.send(JSON.stringify({ type, id, ...fields }));
  });
  const roomId = room;
  const payload = { roomId, token, instance: 'a page of their own', name: 'Mallory' };
  const joined = await ask('join-room', { payload });
  await ask('enter-sfu', { roomId });
  const opened = await ask('open-transport', { roomId, direction: 'send' });
  const answer = await ask('produce', {
    roomId, transportId: opened.transport.id, kind: 'video', source: 'camera', rtpParameters: {},
  });
  socket.close();
  return [joined.type, opened.type, answer.type, answer.code];
}"""
"""What somebody does who writes a page of their own for the token they were given."""


def link(server: ServerProcess, *arguments: str, room: str = "tea") -> str:
    """What ``crossover token`` prints for a server that it shares the state folder with."""
    command = [sys.executable, "-m", "signaling", "token", "--room", room, *arguments]
    printed = subprocess.run(
        [*command, "--address", server.url],
        cwd=ROOT,
        env={**os.environ, "CROSSOVER_STATE_DIR": str(server.state_dir)},
        capture_output=True,
        text=True,
        check=True,
    )
    return printed.stdout.splitlines()[1]


def host(server: ServerProcess, person: Callable[..., Person]) -> Person:
    """Who opens the room."""
    ada = person("Ada")
    ada.page.goto(link(server, "--name", "Ada", "--grant", "moderate"))
    ada.enter()
    return ada


def test_a_link_lets_its_bearer_in_by_the_name_it_gives(
    sfu_server: ServerProcess, person: Callable[..., Person]
) -> None:
    ada, bo = host(sfu_server, person), person("Bo")
    bo.page.goto(link(sfu_server, "--name", "Bo, invited"))
    name = bo.page.get_by_test_id("name")
    expect(name).to_have_value("Bo, invited")
    expect(name).not_to_be_editable()
    assert bo.page.url == f"{sfu_server.url}/r/tea"
    bo.enter()
    each_sees_each([ada, bo])
    expect(ada.others.first).to_have_attribute("aria-label", re.compile("Bo, invited"))
    bo.mark()
    bo.page.reload()
    bo.expect_reloaded()
    bo.enter()
    each_sees_each([ada, bo])
    assert "token" not in bo.page.url
    assert "eyJ" not in sfu_server.log


@pytest.mark.parametrize(
    ("room", "spoil", "code", "sentence"),
    [
        ("tea", lambda it: it[:-6] + "AAAAAA", "token-invalid", "does not open this room"),
        ("coffee", lambda it: it.replace("coffee", "tea"), "token-required", "by invitation"),
        ("tea", lambda it: it.partition("#")[0], "token-required", "by invitation"),
    ],
    ids=["forged", "for another room", "none"],
)
def test_who_was_not_invited_is_told_so(
    sfu_server: ServerProcess,
    person: Callable[..., Person],
    room: str,
    spoil: Callable[[str], str],
    code: str,
    sentence: str,
) -> None:
    host(sfu_server, person)
    eve = person("Eve")
    eve.page.goto(spoil(link(sfu_server, room=room)))
    eve.page.get_by_test_id("name").fill("Eve")
    eve.page.get_by_test_id("join").click()
    shown = eve.page.get_by_test_id("error")
    expect(shown).to_have_attribute("data-code", code)
    expect(shown).to_contain_text(sentence)
    expect(eve.page.get_by_test_id("leave")).to_have_count(0)


def test_who_comes_before_the_room_is_open_tries_again(
    sfu_server: ServerProcess, person: Callable[..., Person]
) -> None:
    lia = person("Lia")
    lia.page.goto(link(sfu_server, "--name", "Lia"))
    again = lia.page.get_by_test_id("look-again")
    expect(again).to_be_visible()
    ada = host(sfu_server, person)
    again.click()
    lia.enter()
    each_sees_each([ada, lia])


def test_a_listener_sees_and_hears_and_the_server_lets_it_send_nothing(
    sfu_server: ServerProcess, person: Callable[..., Person]
) -> None:
    ada, lia = host(sfu_server, person), person("Lia")
    lia.context.add_init_script(f"({COUNT_QUESTIONS})()")
    invitation = link(sfu_server, "--name", "Lia", "--no-publish")
    lia.page.goto(invitation)
    expect(lia.page.get_by_test_id("listener")).to_be_visible()
    expect(lia.page.get_by_test_id("toggle-camera")).to_have_count(0)
    lia.enter()
    for one in (ada, lia):
        badge = one.page.get_by_test_id("mode-badge")
        expect(badge).to_have_attribute("data-mode", "sfu", timeout=PATIENCE)
    lia.expect_others(1)
    lia.expect_media_from(1)
    ada.expect_others(1)
    for switch in ("toggle-camera", "toggle-microphone", "share-screen"):
        expect(lia.page.get_by_test_id(switch)).to_have_count(0)
    for key in ("v", "m"):
        lia.page.keyboard.press(key)
    lia.say("I only listen")
    ada.expect_said("I only listen")
    assert lia.page.evaluate("() => __questions") == 0
    assert ada.inbound()["videos"] == 0
    token = link(sfu_server, "--no-publish").partition("#token=")[2]
    answers = lia.page.evaluate(PUBLISH, [token, "tea"])
    assert answers == ["room-joined", "transport-opened", "error", "not-permitted"]
