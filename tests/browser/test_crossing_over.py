"""A room that changes its mode while people talk: mesh, server, and back."""

import os
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import PATIENCE, Person, each_sees_each
from tests.browser.plain_script import PlainScript
from tests.browser.test_sfu_resilience import workers_of
from tests.support.server_process import ServerProcess

Meet = Callable[..., list[Person]]
MakePerson = Callable[..., Person]

SMALL = {
    "CROSSOVER_MESH_LIMIT": "2",
    "CROSSOVER_MESH_CAP": "4",
    "CROSSOVER_RETURN_AT": "2",
    "CROSSOVER_RETURN_AFTER": "1",
    "CROSSOVER_PREWARM_FROM": "2",
    "CROSSOVER_LIMITED_FROM": "0",
}
"""The third person crosses the room over; with two it returns."""

small = pytest.mark.parametrize("sfu_server", [SMALL], indirect=True)

KEEP_VOICES = """() => {
  window.__voices = new Map();
  for (const voice of document.querySelectorAll('audio'))
    window.__voices.set(voice, voice.srcObject);
}"""
SAME_VOICES = """() => [...window.__voices]
  .filter(([voice]) => voice.isConnected)
  .every(([voice, stream]) => stream !== null && voice.srcObject === stream)"""
WATCH_PICTURES = """() => {
  window.__blanks = [];
  const look = () => {
    for (const tile of document.querySelectorAll('[data-testid=tile][data-self="false"]')) {
      const video = [...tile.querySelectorAll('video')].at(-1);
      const before = tile.__wasSeen;
      tile.__wasSeen = video !== undefined && video.readyState >= 2 && video.videoWidth > 0;
      if (before && !tile.__wasSeen) window.__blanks.push(tile.dataset.memberId);
    }
    requestAnimationFrame(look);
  };
  look();
}"""
"""Notes whose picture was there, and then was not."""
AUDIBLE = """() => __probe.live()
  .flatMap((one) => one.getReceivers())
  .filter(({ track }) => track.kind === 'audio' && track.enabled && track.readyState === 'live'
    && !track.muted).length"""
BLOCK_SERVER = """() => {
  const set = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    const sdp = description.sdp.includes('a=ice-lite')
      ? description.sdp.replace(/^(a=candidate:\\S+ 1 (?:udp|tcp) \\S+ \\S+) \\d+ /gm, '$1 9 ')
      : description.sdp;
    return set.call(this, { type: description.type, sdp });
  };
}"""
"""A network that lets nothing through to the server: its candidates point at a closed port."""


LINKS = """() => __probe.live()
  .filter((one) => one.remoteDescription?.sdp.includes('a=ice-lite') === false).length"""
"""Connections to other pages, and not to a server (which is ICE-lite)."""


def expect_mode(people: list[Person], mode: str, links: int | None = None) -> None:
    """Waits until every page is in the mode, and has let go of the other way."""
    wanted = links if links is not None else 0 if mode == "sfu" else len(people) - 1
    for one in people:
        badge = one.page.get_by_test_id("mode-badge")
        expect(badge).to_have_attribute("data-mode", mode, timeout=PATIENCE)
        one.until(f"(n) => ({LINKS})() === n", wanted)


def two_in_a_mesh(server: ServerProcess, person: MakePerson) -> tuple[Person, Person, str]:
    """Ada, Bo, and the address of their room."""
    ada, bo = person("Ada"), person("Bo")
    address = ada.open_room(server.url)
    bo.join(address)
    each_sees_each([ada, bo])
    expect_mode([ada, bo], "mesh")
    return ada, bo, address


@small
def test_the_third_person_moves_the_room_and_its_leaving_moves_it_back(
    sfu_server: ServerProcess, person: MakePerson
) -> None:
    ada, bo, address = two_in_a_mesh(sfu_server, person)
    cleo = person("Cleo")
    expect_mode([ada, bo], "mesh")
    for one in (ada, bo):
        one.page.evaluate(KEEP_VOICES)
        one.page.evaluate(WATCH_PICTURES)
    cleo.join(address)
    each_sees_each([ada, bo, cleo])
    expect_mode([ada, bo, cleo], "sfu")
    for one in (ada, bo, cleo):
        one.until(f"() => ({AUDIBLE})() === 2")
    ever = f"({LINKS.replace('__probe.live()', '__probe.connections')})()"
    assert cleo.page.evaluate(f"() => {ever}") == 0, "who enters goes straight to the server"
    cleo.leave()
    each_sees_each([ada, bo])
    expect_mode([ada, bo], "mesh")
    for one in (ada, bo):
        one.until(f"() => ({AUDIBLE})() === 1")
        assert one.page.evaluate(SAME_VOICES), "a voice's stream was exchanged"
        assert one.page.evaluate("() => __blanks") == [], "a picture was gone for a moment"


@small
def test_what_is_said_during_a_hand_over_is_shown_once(
    sfu_server: ServerProcess, person: MakePerson
) -> None:
    ada, bo, address = two_in_a_mesh(sfu_server, person)
    cleo = person("Cleo")
    cleo.join(address)
    for number in range(5):
        ada.say(f"Word {number}.")
    each_sees_each([ada, bo, cleo])
    for number in range(5):
        bo.expect_said(f"Word {number}.")
    cleo.say("And back.")
    for one in (ada, bo):
        one.expect_said("And back.")


@small
def test_reliable_messages_are_neither_lost_nor_doubled(
    sfu_server: ServerProcess, person: MakePerson
) -> None:
    ada, bo, address = two_in_a_mesh(sfu_server, person)
    cleo = person("Cleo")
    for one in (ada, bo):
        one.page.evaluate(
            """() => {
              window.__got = [];
              window.crossover.data.subscribe('count', ({ payload }) => window.__got.push(payload));
              let sent = 0;
              window.__sending = setInterval(
                () => window.crossover.data.publish('count', sent++), 20);
              window.__sent = () => { clearInterval(window.__sending); return sent; };
            }"""
        )
    for _ in range(2):
        cleo.join(address)
        each_sees_each([ada, bo, cleo])
        expect_mode([ada, bo], "sfu")
        cleo.leave()
        expect_mode([ada, bo], "mesh")
        each_sees_each([ada, bo])
    for sender, receiver in ((ada, bo), (bo, ada)):
        sent = sender.page.evaluate("() => window.__sent()")
        assert sent > 50
        receiver.until("(n) => window.__got.length >= n", sent)
        assert receiver.page.evaluate("() => window.__got") == list(range(sent))


@small
def test_a_lost_server_gives_the_room_back_to_the_mesh_and_takes_it_again(
    sfu_server: ServerProcess, person: MakePerson
) -> None:
    people = [person(name) for name in ("Ada", "Bo", "Cleo")]
    address = people[0].open_room(sfu_server.url)
    for one in people[1:]:
        one.join(address)
    each_sees_each(people)
    expect_mode(people, "sfu")
    [worker] = workers_of(sfu_server)
    os.kill(worker, signal.SIGKILL)
    for one in people:
        one.expect_flowing()
    each_sees_each(people)
    expect_mode(people, "sfu")
    each_sees_each(people)


@small
def test_who_cannot_reach_the_server_keeps_the_room_in_the_mesh(
    sfu_server: ServerProcess, person: MakePerson
) -> None:
    ada, bo, cleo = person("Ada"), person("Bo"), person("Cleo")
    bo.page.add_init_script(f"({BLOCK_SERVER})()")
    address = ada.open_room(sfu_server.url)
    bo.join(address)
    each_sees_each([ada, bo])
    cleo.join(address)
    each_sees_each([ada, bo, cleo])
    expect_mode([ada, bo, cleo], "mesh")
    ada.page.get_by_test_id("mode-badge").click()
    course = ada.page.get_by_test_id("course")
    expect(course).to_contain_text("Cannot reach the server: Bo", timeout=PATIENCE)
    expect(bo.page.get_by_test_id("unreachable-hint")).to_be_visible(timeout=PATIENCE)


@small
def test_the_host_decides_how_media_travels(sfu_server: ServerProcess, person: MakePerson) -> None:
    ada, bo = person("Ada"), person("Bo")
    ada.page.set_viewport_size({"width": 1000, "height": 700})
    address = ada.open_room(sfu_server.url)
    bo.join(address)
    each_sees_each([ada, bo])
    ada.page.get_by_test_id("mode-badge").click()
    ada.page.get_by_text("Always through the server").click()
    expect_mode([ada, bo], "sfu")
    each_sees_each([ada, bo])
    ada.page.get_by_text("The server decides").click()
    expect_mode([ada, bo], "mesh")
    each_sees_each([ada, bo])


@small
def test_a_plain_client_keeps_the_room_in_the_mesh(
    sfu_server: ServerProcess, person: MakePerson, plain_script: Callable[..., PlainScript]
) -> None:
    ada, bo, address = two_in_a_mesh(sfu_server, person)
    plain_script(sfu_server, address)
    for one in (ada, bo):
        one.expect_others(2)
        one.expect_media_from(2)
    expect_mode([ada, bo], "mesh", links=2)


@small
def test_a_page_that_is_reloaded_in_the_midst_of_it_is_back(
    sfu_server: ServerProcess, person: MakePerson
) -> None:
    ada, bo, address = two_in_a_mesh(sfu_server, person)
    cleo = person("Cleo")
    cleo.join(address)
    bo.mark()
    bo.page.reload()
    bo.expect_reloaded()
    bo.enter()
    each_sees_each([ada, bo, cleo])
    expect_mode([ada, bo, cleo], "sfu")
