"""What happens to a call when something breaks: reloads, lost signaling, restarts, glare."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person, each_sees_each
from tests.browser.plain_script import PlainScript
from tests.support.server_process import ROOT, ServerProcess

Meet = Callable[..., list[Person]]
Make = Callable[..., Person]

DROP_SOCKETS = "() => __probe.sockets.forEach((socket) => socket.close(4999))"
OPEN_SOCKETS = "() => __probe.sockets.filter((s) => s.readyState === 1).length"
CONNECTIONS = "() => __probe.connections.length"


def test_reload_keeps_the_identity(meet: Meet) -> None:
    ada, grace = meet("Ada", "Grace")
    each_sees_each([ada, grace])
    before = grace.own_id
    grace.page.reload()
    grace.enter()
    each_sees_each([ada, grace])
    assert grace.own_id == before


def test_both_reload_at_once(meet: Meet) -> None:
    ada, grace = meet("Ada", "Grace")
    each_sees_each([ada, grace])
    for person in (ada, grace):
        person.mark()
        person.page.evaluate("() => { setTimeout(() => location.reload(), 50); }")
    for person in (ada, grace):
        person.expect_reloaded()
    for person in (ada, grace):
        person.enter()
    each_sees_each([ada, grace])


def test_duplicated_tab_is_a_person_of_its_own(meet: Meet) -> None:
    ada, grace = meet("Ada", "Grace")
    each_sees_each([ada, grace])
    with grace.context.expect_page() as opened:
        grace.page.evaluate("() => window.open(location.href)")  # copies sessionStorage
    copy = opened.value
    identity = "() => JSON.parse(sessionStorage.getItem('crossover:identity'))?.memberId"
    grace_again = grace.page.evaluate(identity)
    while copy.evaluate(identity) in {None, grace_again}:
        copy.wait_for_timeout(50)
    expect(ada.others).to_have_count(1)
    ada.expect_others(1)
    copy.close()


def test_signaling_lost_and_resumed_while_media_flows(meet: Meet) -> None:
    ada, grace = meet("Ada", "Grace")
    each_sees_each([ada, grace])
    connections = ada.page.evaluate(CONNECTIONS)
    identity = ada.own_id
    ada.page.evaluate(DROP_SOCKETS)
    ada.until("() => __probe.sockets.filter((s) => s.readyState === 1).length === 1")
    expect(ada.page.get_by_test_id("status-badge")).to_have_attribute("data-status", "connected")
    ada.expect_flowing()
    grace.expect_flowing()
    grace.say("Still here?")
    ada.expect_said("Still here?")
    assert ada.page.evaluate(CONNECTIONS) == connections, "media was renegotiated"
    assert ada.own_id == identity
    expect(grace.others).to_have_count(1)


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_signaling_restarted_in_mid_call(meet: Meet, server: ServerProcess, end: str) -> None:
    ada, grace = meet("Ada", "Grace")
    each_sees_each([ada, grace])
    connections = [person.page.evaluate(CONNECTIONS) for person in (ada, grace)]
    getattr(server, end)()
    for person in (ada, grace):
        person.expect_flowing()
    server.start()
    for person in (ada, grace):
        person.until("() => __probe.sockets.filter((s) => s.readyState === 1).length === 1")
    ada.say("We are back")
    grace.expect_said("We are back")
    for person in (ada, grace):
        person.expect_others(1)
        person.expect_flowing()
    after = [person.page.evaluate(CONNECTIONS) for person in (ada, grace)]
    assert after == connections, "media was renegotiated"
    assert server.health()["rooms"]["list"][0]["participantCount"] == 2


def test_glare_is_resolved(meet: Meet) -> None:
    """Both sides are made to negotiate at the same moment, again and again."""
    ada, grace = meet("Ada", "Grace")
    each_sees_each([ada, grace])
    negotiate = """() => {
        const [connection] = __probe.live();
        connection?.dispatchEvent(new Event('negotiationneeded'));
    }"""
    for _ in range(5):
        for person in (ada, grace):
            person.page.evaluate(f"() => setTimeout({negotiate}, 50)")
        for person in (ada, grace):
            person.until("() => __probe.live().every((c) => c.signalingState === 'stable')")
    each_sees_each([ada, grace])


def test_same_offer_twice_is_harmless(meet: Meet) -> None:
    """Every signaling frame is delivered twice to one side, from before the first offer."""
    (ada,) = meet("Ada")
    doubled = """(() => {
        const handlers = new WeakMap();
        const on = WebSocket.prototype.addEventListener;
        WebSocket.prototype.addEventListener = function add(type, handler, options) {
            if (type !== 'message') return on.call(this, type, handler, options);
            const twice = (event) => {
                handler.call(this, event);
                if (/"type":"(offer|answer|ice-candidate)"/.test(event.data)) {
                    handler.call(this, new MessageEvent('message', { data: event.data }));
                }
            };
            handlers.set(handler, twice);
            return on.call(this, type, twice, options);
        };
    })()"""
    ada.context.add_init_script(doubled)
    address = ada.page.url
    ada.page.reload()
    ada.enter()
    others = [ada]
    for name in ("Grace", "Edsger"):
        twice = Person(ada.context.browser, "", name)  # type: ignore[arg-type]
        twice.context.add_init_script(doubled)
        twice.context.add_init_script((ROOT / "tests/browser/probe.js").read_text())
        twice.join(address)
        others.append(twice)
    each_sees_each(others)
    for person in others[1:]:
        person.close()


def test_room_dialect_client_from_a_plain_script(
    meet: Meet, server: ServerProcess, plain_script: Callable[..., PlainScript]
) -> None:
    (ada,) = meet("Ada")
    caller = plain_script(server, ada.page.url)
    ada.expect_others(1)
    ada.expect_media_from(1)
    caller.expect(event="frames", kind="video")
    caller.expect(event="frames", kind="audio")
    ada.say("Hello, script")
    caller.expect(event="chat", text="Hello, script")
