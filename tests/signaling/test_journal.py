"""What is noted for the log of a room's and a worker's life."""

import io
import json
import logging

import pytest

from signaling.http.journal import JsonLines, Writer, redacted
from signaling.journal import MOST_KEPT, Entry, Journal, asked_room
from signaling.mode_policy import ModePolicy
from tests.support.fake_worker import FakeWorker
from tests.support.sfu_visitor import Visitor
from tests.support.stage import Stage


def kinds(stage: Stage) -> list[str]:
    return [entry.kind for entry in stage.switchboard.journal.take()]


def test_a_room_crosses_over_and_back_and_its_worker_ends() -> None:
    worker = FakeWorker()
    stage = Stage(workers=[worker], policy=ModePolicy(mesh_limit=2, mesh_cap=4, return_at=2))
    assert kinds(stage) == ["worker-started"]
    clients = [stage.connect() for _ in range(3)]
    room_id = clients[0].create(instance="0")["id"]
    for number, client in enumerate(clients[1:], 1):
        client.join(room_id, instance=str(number))
    noted = stage.switchboard.journal.take()
    assert [one.kind for one in noted] == [
        *("room-opened", "member-joined", "member-joined", "mode-prepared", "member-joined"),
    ]
    assert noted[3].fields | {"generation": 0} == {
        "room": room_id,
        "mode": "sfu",
        "reason": "outgrew-mesh",
        "generation": 0,
    }
    prepared = clients[0].expect("prepare-hand-over")
    stage.advance(1.5)
    clients[0].say("hand-over-failed", roomId=room_id, generation=prepared["generation"])
    [aborted] = stage.switchboard.journal.take()
    assert (aborted.kind, aborted.fields["mode"], aborted.fields["seconds"]) == (
        *("mode-aborted", "mesh", 1.5),
    )
    clients[0].say("report-sfu", roomId=room_id, reachable=True)
    again = [one for client in clients for one in client.take("prepare-hand-over")][-1]
    for client in clients:
        Visitor(client, room_id)
        client.say("hand-over-ready", roomId=room_id, generation=again["generation"])
    assert kinds(stage) == ["mode-prepared", "mode-committed"]
    worker.drain_seconds = 30.0
    stage.hear(worker, worker.status())
    assert kinds(stage) == ["worker-draining", "mode-prepared"]
    stage.lose_worker(worker)
    assert kinds(stage) == ["worker-lost", "mode-committed"]
    clients[0].drop()
    assert kinds(stage) == ["member-lost"]
    stage.advance(60.0)
    for client in clients[1:]:
        client.say("leave-room", payload={"roomId": room_id})
    assert kinds(stage) == ["member-left", "member-left", "member-left", "room-closed"]


def test_entries_that_nobody_takes_are_not_kept_for_ever() -> None:
    journal = Journal()
    for _ in range(MOST_KEPT + 5):
        journal.note("server-started")
    assert len(journal.take()) == MOST_KEPT
    assert journal.take() == []


@pytest.mark.parametrize(
    ("text", "room"),
    [
        ('{"payload":{"roomId":"abc","password":"x"}}', "abc"),
        ('{"payload":{"roomId":7}}', None),
        ('{"payload":{}}', None),
        ('{"roomId":"abc"}', None),
        ("[" * 100_000, None),
        ('{"payload":{"roomId":"' + "x" * 500 + '"}}', None),
        ('{"payload":{"roomId":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmVk"}}', None),
        ('{"payload":{"roomId":"open sesame"}}', None),
    ],
)
def test_the_room_that_a_refused_request_names(text: str, room: str | None) -> None:
    assert asked_room(text) == room


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("unix", ""),
        ("", ""),
    ],
)
def test_addresses_name_a_network_and_no_person(address: str, shown: str) -> None:
    assert redacted(address) == shown


def written(form: logging.Formatter, addresses: str, *entries: Entry) -> list[str]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(form)
    log = logging.getLogger("signaling.http.journal")
    log.addHandler(handler)
    before = log.level
    log.setLevel(logging.INFO)
    try:
        Writer(addresses, 0.0).write(list(entries), 0.0)
    finally:
        log.removeHandler(handler)
        log.setLevel(before)
    return stream.getvalue().splitlines()


def test_a_line_stays_one_line_whatever_a_client_calls_a_room() -> None:
    evil = 'x" room=other\nERROR forged'
    entry = Entry("join-refused", {"room": evil, "code": "room-not-found", "address": "192.0.2.7"})
    [line] = written(logging.Formatter("%(message)s"), "full", entry)
    assert line.startswith(f"join-refused room={json.dumps(evil)} code=room-not-found")
    assert "address=192.0.2.7" in line
    [line] = written(JsonLines(), "redacted", entry)
    told = json.loads(line)
    assert (told["event"], told["room"], told["address"]) == ("join-refused", evil, "192.0.2.0/24")
    assert told["level"] == "info"


def test_refused_joins_cannot_fill_the_log() -> None:
    entry = Entry("join-refused", {"code": "room-not-found"})
    lines = written(logging.Formatter("%(message)s"), "full", *[entry] * 1000)
    assert len(lines) == 100
