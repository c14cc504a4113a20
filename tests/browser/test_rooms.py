"""Getting in, and not getting in: names, full rooms, rooms that are gone, the dashboard."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import FLAGS, PROBE, chromium
from tests.browser.people import Person, each_sees_each
from tests.support.plain_members import Crowd
from tests.support.server_process import ServerProcess

Meet = Callable[..., list[Person]]
Make = Callable[..., Person]


@pytest.fixture
def crowd(server: ServerProcess) -> Iterator[Crowd]:
    members = Crowd(f"{server.url}/ws")
    yield members
    members.close()


def room_of(address: str) -> str:
    return address.rsplit("/", 1)[1]


def error_of(person: Person, code: str) -> None:
    expect(person.page.locator(f'[data-testid=error][data-code="{code}"]')).to_be_visible()


def knock(person: Person, address: str) -> None:
    person.page.goto(address)
    person.page.get_by_test_id("name").fill(person.name)
    person.page.get_by_test_id("join").click()


def test_two_people_of_one_name(meet: Meet, person: Make) -> None:
    (ada,) = meet("Ada Lovelace")
    other = person("ada lovelace")
    knock(other, ada.page.url)
    error_of(other, "name-taken")
    other.page.get_by_test_id("name").fill("Ada Byron")
    other.enter()
    each_sees_each([ada, other])


def test_seventh_person_gets_in_and_ninth_is_told(meet: Meet, person: Make, crowd: Crowd) -> None:
    (ada,) = meet("Ada")
    room = room_of(ada.page.url)
    for number in range(5):
        crowd.join(room, f"Plain {number}")
    seventh = person("Seventh")
    seventh.join(ada.page.url)
    expect(seventh.others).to_have_count(6)
    ada_tile = seventh.page.locator(f'[data-member-id="{ada.own_id}"][data-status=connected]')
    expect(ada_tile).to_have_count(1)
    crowd.join(room, "Plain 8")
    ninth = person("Ninth")
    knock(ninth, ada.page.url)
    error_of(ninth, "room-full")


def test_room_that_does_not_exist(server: ServerProcess, person: Make) -> None:
    lost = person("Lost")
    lost.page.goto(f"{server.url}/r/none-such-room")
    error_of(lost, "room-not-found")


def test_last_one_out_deletes_the_room(meet: Meet, server: ServerProcess) -> None:
    ada, grace = meet("Ada", "Grace")
    assert server.health()["rooms"]["total"] == 1
    ada.leave()
    assert server.health()["rooms"]["total"] == 1
    grace.leave()
    assert server.health()["rooms"]["total"] == 0


def test_new_tab_sees_the_rooms_and_their_changes(
    meet: Meet, person: Make, server: ServerProcess, crowd: Crowd
) -> None:
    ada, grace = meet("Ada", "Grace")
    visitor = person("Visitor")
    visitor.page.goto(server.url)
    card = visitor.page.get_by_test_id("room-card")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("2 people of 8")
    crowd.join(room_of(ada.page.url), "Third")
    expect(card).to_contain_text("3 people of 8")
    grace.leave()
    ada.leave()


def test_private_room_is_not_listed_but_open_to_who_has_the_link(
    person: Make, server: ServerProcess, crowd: Crowd
) -> None:
    host = crowd.connect()
    host.send({"type": "create-room", "payload": {"name": "Hidden", "metadata": {"private": True}}})
    room = host.receive("room-created")["room"]["id"]
    visitor = person("Visitor")
    visitor.page.goto(server.url)
    expect(visitor.page.get_by_test_id("new-room")).to_be_visible()
    expect(visitor.page.get_by_test_id("room-card")).to_have_count(0)
    visitor.join(f"{server.url}/r/{room}")
    expect(visitor.others).to_have_count(1)


def test_password_is_asked_for_and_checked(
    person: Make, server: ServerProcess, crowd: Crowd
) -> None:
    host = crowd.connect()
    host.send({"type": "create-room", "payload": {"name": "Locked", "password": "sesame"}})
    room = host.receive("room-created")["room"]["id"]
    visitor = person("Visitor")
    knock(visitor, f"{server.url}/r/{room}")
    password = visitor.page.get_by_test_id("password")
    expect(password).to_be_visible()
    password.fill("wrong")
    visitor.page.get_by_test_id("join").click()
    error_of(visitor, "wrong-password")
    password.fill("sesame")
    visitor.enter()


def test_members_of_two_rooms_cannot_reach_each_other(meet: Meet, crowd: Crowd) -> None:
    (ada,) = meet("Ada")
    stranger = crowd.connect()
    stranger.send({"type": "create-room", "payload": {"name": "Elsewhere"}})
    elsewhere = stranger.receive("room-created")["room"]["id"]
    before = ada.page.evaluate("() => __probe.connections.length")
    offer = {"type": "offer", "to": ada.own_id, "payload": {"type": "offer", "sdp": "v=0\r\n"}}
    for room, code in ((elsewhere, "target-not-in-room"), (room_of(ada.page.url), "not-a-member")):
        stranger.send({**offer, "roomId": room, "id": room})
        assert stranger.receive("error")["code"] == code
    expect(ada.others).to_have_count(0)
    assert ada.page.evaluate("() => __probe.connections.length") == before


def test_call_to_a_member_who_is_gone(meet: Meet, crowd: Crowd) -> None:
    ada, grace = meet("Ada", "Grace")
    room, gone = room_of(ada.page.url), grace.own_id
    caller = crowd.join(room, "Caller")
    grace.leave()
    caller.receive("member-left")
    offer = {"type": "offer", "to": gone, "payload": {"type": "offer", "sdp": "v=0\r\n"}}
    caller.send({**offer, "roomId": room})
    assert caller.receive("error")["code"] == "target-not-in-room"
    expect(ada.others).to_have_count(1)


@pytest.fixture
def refusing_browser(playwright: object) -> Iterator[Browser]:
    """A browser whose owner says no to camera and microphone."""
    flags = [flag for flag in FLAGS if flag != "--use-fake-ui-for-media-stream"]
    launch = playwright.chromium.launch  # type: ignore[attr-defined]
    launched: Browser = launch(
        executable_path=chromium(), args=[*flags, "--deny-permission-prompts"]
    )
    yield launched
    launched.close()


def test_who_denies_camera_and_microphone_joins_as_a_listener(
    meet: Meet, refusing_browser: Browser
) -> None:
    (ada,) = meet("Ada")
    listener = Person(refusing_browser, PROBE, "Listener")
    listener.page.goto(ada.page.url)
    listener.page.get_by_test_id("name").fill("Listener")
    expect(listener.page.locator('[data-testid=error][data-code^="denied"]').first).to_be_visible()
    listener.enter()
    listener.expect_others(1)
    listener.expect_media_from(1)
    ada.expect_others(1)
    listener.close()
