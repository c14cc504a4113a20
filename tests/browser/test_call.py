"""Two, three and six people see, hear and read each other, peer to peer."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import Person, each_sees_each

Meet = Callable[..., list[Person]]


def test_two_people_see_and_hear_each_other(meet: Meet) -> None:
    people = meet("Ada", "Grace")
    each_sees_each(people)
    assert people[0].other_ids() == {people[1].own_id}


def test_three_people_see_and_hear_each_other(meet: Meet) -> None:
    each_sees_each(meet("Ada", "Grace", "Edsger"))


def test_six_people_see_and_hear_each_other(meet: Meet) -> None:
    people = meet("Ada", "Grace", "Edsger", "Barbara", "Donald", "Frances")
    each_sees_each(people)
    for person in people:
        live = person.page.evaluate("() => __probe.live().length")
        assert live == 5, f"{person.name} holds {live} links"


def test_chat_comes_over_the_data_channel_and_is_shown_once(meet: Meet) -> None:
    ada, grace = meet("Ada", "Grace")
    each_sees_each([ada, grace])
    ada.say("Good morning")
    grace.expect_said("Good morning")
    heard = grace.page.evaluate("() => __probe.heard.map((h) => String(h.data))")
    assert any("Good morning" in data for data in heard)
    ordered = grace.page.locator('[data-testid=chat-message][data-order="1"]')
    expect(ordered).to_have_count(1)  # the server's copy has arrived, and it is the same message
    grace.expect_said("Good morning", times=1)
    ada.expect_said("Good morning", times=1)


def test_who_comes_late_reads_what_was_said(meet: Meet, person: Callable[..., Person]) -> None:
    ada, grace = meet("Ada", "Grace")
    ada.say("First")
    grace.expect_said("First")
    grace.say("Second")
    ada.expect_said("Second")
    late = person("Edsger")
    late.join(ada.page.url)
    late.expect_said("First")
    late.expect_said("Second")


def test_unread_messages_are_counted_until_the_chat_is_opened(meet: Meet) -> None:
    ada, grace = meet("Ada", "Grace")
    each_sees_each([ada, grace])
    ada.say("One")
    ada.say("Two")
    expect(grace.page.get_by_test_id("unread-count")).to_have_text("2")
    grace.open_chat()
    expect(grace.page.get_by_test_id("unread-count")).to_have_count(0)


def test_leave_and_rejoin_ten_times_leaves_nothing_behind(meet: Meet) -> None:
    ada, grace = meet("Ada", "Grace")
    address = ada.page.url
    each_sees_each([ada, grace])
    for _ in range(10):
        grace.leave()
        expect(ada.others).to_have_count(0)
        grace.join(address)
        ada.expect_others(1)
        grace.expect_others(1)
    each_sees_each([ada, grace])
    assert ada.page.evaluate("() => __probe.live().length") == 1
    open_ones = "() => __probe.connections.filter((c) => c.signalingState !== 'closed').length"
    assert ada.page.evaluate(open_ones) == 1


def test_muting_and_hiding_are_seen_by_the_other(meet: Meet) -> None:
    ada, grace = meet("Ada", "Grace")
    each_sees_each([ada, grace])
    ada.page.get_by_test_id("toggle-microphone").click()
    muted = grace.page.get_by_role("group", name=re.compile(r"Ada.*microphone off", re.IGNORECASE))
    expect(muted).to_have_count(1)
    ada.page.get_by_test_id("toggle-camera").click()
    hidden = grace.page.locator('[data-testid=tile][data-self="false"] [data-pictured="false"]')
    expect(hidden).to_have_count(1)
    ada.page.get_by_test_id("toggle-camera").click()
    grace.expect_moving(ada.own_id)


def test_status_badge_says_connected_and_the_people_list_names_everybody(meet: Meet) -> None:
    ada, grace = meet("Ada", "Grace")
    each_sees_each([ada, grace])
    expect(ada.page.get_by_test_id("status-badge")).to_have_attribute("data-status", "connected")
    ada.page.get_by_test_id("open-people").click()
    expect(ada.page.get_by_test_id("person")).to_have_count(2)
    expect(ada.page.get_by_test_id("person").filter(has_text="Grace")).to_have_count(1)
