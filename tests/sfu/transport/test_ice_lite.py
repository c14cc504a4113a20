"""The lite agent against checks good and bad, on virtual time."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sfu.transport.destinations import pack_address
from sfu.transport.ice_lite import (
    CONSENT_LIFETIME,
    FIRST_CHECK_PATIENCE,
    FRESH,
    MOST_ADDRESSES,
    MOST_TRANSACTIONS,
    MOVED,
    IceAnswer,
    IceCredentials,
    IceLite,
    IceState,
)
from sfu.units import Seconds
from sfu.wire.errors import WireError
from sfu.wire.stun import (
    BINDING,
    Attribute,
    MessageClass,
    StunMessage,
    encode_stun,
    parse_stun,
    verify_integrity,
)
from sfu.wire.stun_attributes import error_code, mapped_address, unknown_attributes
from tests.support.ice_peer import CONTROLLED, CONTROLLING, PRIORITY, IcePeer

START = Seconds(1000.0)
ROW = pack_address("203.0.113.7", 4321)
WIFI, CELLULAR = pack_address("192.0.2.1", 40000), pack_address("2001:db8::7", 50000)


def agent(seed: int = 1) -> tuple[IceLite, IcePeer]:
    credentials = IceCredentials.generate(random.Random(seed))
    return IceLite(credentials, START), IcePeer(credentials)


def state_of(ice: IceLite) -> IceState:
    return ice.state


def selected_by(ice: IceLite) -> bytes | None:
    return ice.selected


def answer_of(answer: IceAnswer) -> StunMessage:
    assert answer.response is not None
    return parse_stun(answer.response)


def refusal(answer: IceAnswer) -> int:
    assert not answer.valid
    error = error_code(answer_of(answer))
    assert error is not None
    return error.code


def test_credentials_are_long_random_and_of_ice_characters() -> None:
    made = [IceCredentials.generate(random.Random(seed)) for seed in range(50)]
    assert len({one.username_fragment for one in made}) == 50
    for one in made:
        assert len(one.username_fragment) >= 4 and len(one.password) >= 22
        assert all(c.isalnum() or c in "+/" for c in one.username_fragment + one.password)


def test_valid_check_is_answered_and_its_source_gets_the_media() -> None:
    ice, peer = agent()
    assert selected_by(ice) is None and state_of(ice) is IceState.NEW
    check = peer.check()
    answer = ice.receive(check, WIFI, START)
    assert (answer.valid, answer.learned, answer.selected_changed) == (True, True, True)
    response = answer_of(answer)
    assert response.message_class is MessageClass.SUCCESS
    assert response.transaction_id == check.transaction_id
    assert response.has_fingerprint
    assert verify_integrity(response, peer.credentials.password.encode())
    assert ice.selected == WIFI and state_of(ice) is IceState.CONNECTED
    again = ice.receive(peer.check(), WIFI, START)
    assert (again.valid, again.learned, again.selected_changed) == (True, False, False)


@pytest.mark.parametrize(
    ("row", "packed", "port"),
    [
        (pack_address("192.0.2.1", 32853), bytes((192, 0, 2, 1)), 32853),
        (pack_address("192.0.2.1", 32853, dual_stack=False), bytes((192, 0, 2, 1)), 32853),
        (pack_address("2001:db8::1", 65535), bytes.fromhex("20010db8" + "0" * 22 + "01"), 65535),
        (pack_address("fe80::1%3", 1), bytes.fromhex("fe80" + "0" * 26 + "01"), 1),
    ],
)
def test_peer_is_told_its_address(row: bytes, packed: bytes, port: int) -> None:
    ice, peer = agent()
    assert mapped_address(answer_of(ice.receive(peer.check(), row, START))) == (packed, port)


def test_nomination_selects_and_a_later_one_moves() -> None:
    ice, peer = agent()
    ice.receive(peer.check(), WIFI, START)
    assert not ice.receive(peer.check(), CELLULAR, START).selected_changed
    assert ice.selected == WIFI
    assert ice.receive(peer.check(nominate=True), CELLULAR, START).selected_changed
    assert ice.selected == CELLULAR
    assert not ice.receive(peer.check(), WIFI, START).selected_changed
    roamed = ice.receive(peer.check(nominate=True), pack_address("192.0.2.9", 1), START)
    assert roamed.learned and roamed.selected_changed
    assert ice.selected == pack_address("192.0.2.9", 1)
    assert set(ice.addresses) == {WIFI, CELLULAR, pack_address("192.0.2.9", 1)}


# ---- refusals ------------------------------------------------------------------------------------


def test_missing_username_or_integrity_is_a_bad_request() -> None:
    ice, peer = agent()
    for message in (
        peer.message([PRIORITY, CONTROLLING]),
        peer.message([peer.username(), PRIORITY, CONTROLLING], signed=False),
        peer.message([], signed=False),
    ):
        answer = ice.receive(message, WIFI, START)
        assert refusal(answer) == 400
        assert answer_of(answer).integrity_at is None


@pytest.mark.parametrize("name", [b"nocolon", b":peer", b"\xff\xfe:x", b""])
def test_broken_username_is_a_bad_request(name: bytes) -> None:
    ice, peer = agent()
    message = peer.message([(Attribute.USERNAME, name), PRIORITY, CONTROLLING])
    assert refusal(ice.receive(message, WIFI, START)) == 400


@pytest.mark.parametrize(
    "attribute",
    [Attribute.PRIORITY, Attribute.ICE_CONTROLLING, Attribute.ICE_CONTROLLED],
)
def test_attribute_of_a_wrong_length_is_a_bad_request(attribute: Attribute) -> None:
    ice, peer = agent()
    message = peer.message([peer.username(), (attribute, b"123")])
    assert refusal(ice.receive(message, WIFI, START)) == 400


def test_foreign_fragment_or_password_is_unauthenticated() -> None:
    ice, peer = agent()
    stranger = IcePeer(IceCredentials("stranger", peer.credentials.password))
    assert refusal(ice.receive(stranger.check(), WIFI, START)) == 401
    guesser = IcePeer(IceCredentials(peer.credentials.username_fragment, "guessed" * 4))
    answer = ice.receive(guesser.check(nominate=True), WIFI, START)
    assert refusal(answer) == 401
    assert answer_of(answer).integrity_at is None
    assert ice.selected is None and not ice.addresses and state_of(ice) is IceState.NEW


def test_unknown_attribute_that_must_be_understood_is_named() -> None:
    ice, peer = agent()
    answer = ice.receive(peer.check(extra=[(0x0077, b"?"), (0x8077, b"fine")]), WIFI, START)
    assert refusal(answer) == 420
    response = answer_of(answer)
    assert unknown_attributes(response) == (0x0077,)
    assert verify_integrity(response, peer.credentials.password.encode())
    assert ice.selected is None


def test_unknown_attribute_is_not_asked_about_before_the_password() -> None:
    ice, peer = agent()
    guesser = IcePeer(IceCredentials(peer.credentials.username_fragment, "guessed" * 4))
    assert refusal(ice.receive(guesser.check(extra=[(0x0077, b"?")]), WIFI, START)) == 401


def test_peer_that_takes_itself_for_controlled_is_told_to_switch() -> None:
    ice, peer = agent()
    answer = ice.receive(peer.message([peer.username(), PRIORITY, CONTROLLED]), WIFI, START)
    assert refusal(answer) == 487
    assert verify_integrity(answer_of(answer), peer.credentials.password.encode())
    assert ice.selected is None
    assert ice.receive(peer.check(), WIFI, START).valid


@pytest.mark.parametrize(
    "message_class", [MessageClass.INDICATION, MessageClass.SUCCESS, MessageClass.ERROR]
)
def test_what_is_no_request_is_met_with_silence(message_class: MessageClass) -> None:
    ice, peer = agent()
    ice.receive(peer.check(), WIFI, START)
    message = peer.message([peer.username()], message_class=message_class)
    assert ice.receive(message, CELLULAR, Seconds(START + 20)) == IceAnswer(None)
    assert ice.next_deadline() == START + CONSENT_LIFETIME
    assert ice.addresses == (WIFI,)


def test_another_method_is_met_with_silence() -> None:
    ice, peer = agent()
    message = peer.message([peer.username()], method=0x003)
    assert ice.receive(message, WIFI, START) == IceAnswer(None)


# ---- time ----------------------------------------------------------------------------------------


def test_first_check_is_waited_for() -> None:
    ice, _ = agent()
    assert ice.next_deadline() == START + FIRST_CHECK_PATIENCE
    ice.tick(Seconds(START + FIRST_CHECK_PATIENCE - 0.1))
    assert state_of(ice) is IceState.NEW
    ice.tick(Seconds(START + FIRST_CHECK_PATIENCE))
    assert state_of(ice) is IceState.EXPIRED
    assert ice.next_deadline() is None


def test_patience_is_the_callers_to_choose() -> None:
    ice = IceLite(IceCredentials("frag", "p" * 22), START, patience=Seconds(300.0))
    assert ice.next_deadline() == START + 300


def test_consent_lives_by_valid_checks_only() -> None:
    ice, peer = agent()
    now = START
    for _ in range(20):
        ice.receive(peer.check(), WIFI, now)
        now = Seconds(now + 29)
        ice.tick(now)
        assert state_of(ice) is IceState.CONNECTED
    guesser = IcePeer(IceCredentials(peer.credentials.username_fragment, "guessed" * 4))
    ice.receive(guesser.check(), WIFI, now)
    ice.tick(Seconds(now + 1))
    assert state_of(ice) is IceState.EXPIRED


def test_expired_is_for_good() -> None:
    ice, peer = agent()
    late = Seconds(START + 100)
    ice.tick(late)
    assert ice.receive(peer.check(nominate=True), WIFI, late) == IceAnswer(None)
    ice.restart(IceCredentials.generate(random.Random(9)), late)
    assert state_of(ice) is IceState.EXPIRED and ice.next_deadline() is None
    assert ice.selected is None


# ---- restart -------------------------------------------------------------------------------------


def test_restart_keeps_the_old_credentials_until_the_new_are_used() -> None:
    ice, old = agent()
    ice.receive(old.check(nominate=True), WIFI, START)
    new = IcePeer(IceCredentials.generate(random.Random(2)), seed=3)
    ice.restart(new.credentials, START)
    assert ice.credentials == new.credentials
    fragments = (old.credentials.username_fragment, new.credentials.username_fragment)
    assert set(ice.username_fragments) == set(fragments)
    assert ice.receive(old.check(), WIFI, START).valid
    assert ice.selected == WIFI

    answer = ice.receive(new.check(), CELLULAR, START)
    assert answer.valid and not answer.selected_changed, "media goes on until there is a nomination"
    assert verify_integrity(answer_of(answer), new.credentials.password.encode())
    assert set(ice.username_fragments) == {new.credentials.username_fragment}
    assert refusal(ice.receive(old.check(), WIFI, START)) == 401
    assert ice.receive(new.check(nominate=True), CELLULAR, START).selected_changed


def test_failed_check_with_new_credentials_does_not_end_the_old() -> None:
    ice, old = agent()
    ice.receive(old.check(), WIFI, START)
    new = IceCredentials.generate(random.Random(2))
    ice.restart(new, START)
    guesser = IcePeer(IceCredentials(new.username_fragment, "guessed" * 4))
    assert refusal(ice.receive(guesser.check(), CELLULAR, START)) == 401
    assert ice.receive(old.check(), WIFI, START).valid


def test_credentials_never_used_end_with_the_next_restart() -> None:
    ice, first = agent()
    ice.receive(first.check(), WIFI, START)
    given = [IceCredentials.generate(random.Random(seed)) for seed in range(2, 12)]
    for credentials in given:
        ice.restart(credentials, START)
    fragments = (first.credentials.username_fragment, given[-1].username_fragment)
    assert ice.username_fragments == fragments
    assert refusal(ice.receive(IcePeer(given[0]).check(), WIFI, START)) == 401


def test_restart_gives_a_lost_peer_time() -> None:
    ice, peer = agent()
    ice.receive(peer.check(), WIFI, START)
    ice.restart(IceCredentials.generate(random.Random(2)), Seconds(START + 29))
    ice.tick(Seconds(START + 31))
    assert state_of(ice) is IceState.CONNECTED
    ice.tick(Seconds(START + 29 + CONSENT_LIFETIME))
    assert state_of(ice) is IceState.EXPIRED


# ---- hostile -------------------------------------------------------------------------------------


def test_many_addresses_push_out_the_one_silent_for_longest() -> None:
    ice, peer = agent()
    rows = [pack_address("198.51.100.1", port) for port in range(1, 40)]
    ice.receive(peer.check(nominate=True), WIFI, START)
    forgotten = [ice.receive(peer.check(), row, START).forgotten for row in rows]
    assert ice.selected == WIFI and WIFI in ice.addresses
    assert len(ice.addresses) == MOST_ADDRESSES
    gone = [row for row in forgotten if row is not None]
    assert gone == rows[: len(gone)]
    assert {WIFI, *rows} - set(gone) == set(ice.addresses)


def test_selected_address_is_forgotten_by_nobody() -> None:
    ice, peer = agent()
    for port in range(1, 40):
        row = pack_address("198.51.100.1", port)
        answer = ice.receive(peer.check(nominate=True), row, START)
        assert answer.forgotten != row and ice.selected == row in ice.addresses
    assert len(ice.addresses) == MOST_ADDRESSES


@given(st.binary(max_size=200), st.booleans())
def test_any_message_is_taken(body: bytes, plausible: bool) -> None:
    ice, peer = agent()
    if plausible:
        body = body[: len(body) // 4 * 4]
        head = encode_stun(BINDING, MessageClass.REQUEST, bytes(12), [peer.username()])[:-8]
        body = head + body
        body = body[:2] + (len(body) - 20).to_bytes(2, "big") + body[4:]
    try:
        message = parse_stun(body)
    except WireError:
        return
    answer = ice.receive(message, WIFI, START)
    assert not answer.valid and ice.selected is None


@given(st.lists(st.tuples(st.sampled_from(list(Attribute)), st.binary(max_size=12)), max_size=6))
def test_any_attributes_are_taken(attributes: Sequence[tuple[int, bytes]]) -> None:
    ice, peer = agent()
    usable = [one for one in attributes if one[0] not in (0x0008, 0x8028)]
    answer = ice.receive(peer.message([peer.username(), *usable]), WIFI, START)
    assert answer.response is not None
    parse_stun(answer.response)


def test_a_check_repeated_by_somebody_else_is_met_with_silence() -> None:
    ice, peer = agent()
    request = peer.check(nominate=True)
    assert ice.receive(request, ROW, START).valid
    forged = ice.receive(request, pack_address("203.0.113.66", 1), START)
    assert (forged.response, forged.valid) == (None, False)
    assert selected_by(ice) == ROW
    assert ice.receive(request, ROW, START).valid, "a retransmission of the peer's own"


def test_only_so_many_checks_are_remembered() -> None:
    ice, peer = agent()
    first = peer.check()
    ice.receive(first, ROW, START)
    for _ in range(2 * MOST_TRANSACTIONS):
        assert ice.receive(peer.check(), ROW, START).valid
    assert len(ice._transactions) <= MOST_TRANSACTIONS


def test_an_address_is_the_peers_until_it_has_been_silent_for_a_while() -> None:
    ice, peer = agent()
    ice.receive(peer.check(), ROW, START)
    assert ice.is_fresh(ROW, Seconds(START + FRESH - 0.1))
    assert not ice.is_fresh(ROW, Seconds(START + FRESH))
    assert not ice.is_fresh(pack_address("203.0.113.66", 1), START)


class AnyConversation(RuleBasedStateMachine):
    """Whatever happens in whichever order, the bounds and the table hold."""

    @initialize()
    def begin(self) -> None:
        self.now = START
        self.rng = random.Random(5)
        first = IceCredentials.generate(self.rng)
        self.ice = IceLite(first, self.now)
        self.given = [first]
        self.last_valid: float | None = None
        self.heard: dict[bytes, Seconds] = {}
        self.is_lost = False
        self.was_expired = False
        self.checks = 0

    @rule(which=st.integers(0, 3), port=st.integers(1, 12), nominate=st.booleans())
    def check(self, which: int, port: int, nominate: bool) -> None:
        credentials = self.given[-1 - which % len(self.given)]
        row = pack_address("203.0.113.5", port)
        before = self.ice.selected
        fragments = self.ice.username_fragments
        patience = FRESH if row in self.ice.addresses else MOVED
        self.checks += 1
        request = IcePeer(credentials, self.checks).check(nominate=nominate)
        answer = self.ice.receive(request, row, self.now)
        usable = credentials.username_fragment in fragments and not self.was_expired
        assert answer.valid == usable
        if answer.valid:
            self.last_valid = self.now
            assert answer.selected_changed == (
                before is None
                or (before != row and (nominate or self.now - self.heard[before] >= patience))
            )
            self.heard[row] = self.now
            self.is_lost = False
            assert row in self.ice.addresses
            assert credentials.username_fragment in self.ice.username_fragments
        else:
            assert self.ice.selected == before

    @rule(port=st.integers(1, 12))
    def lose(self, port: int) -> None:
        row = pack_address("203.0.113.5", port)
        before = self.ice.selected
        after = self.ice.lose(row, self.now)
        assert row not in self.ice.addresses
        if before != row:
            assert (after, self.ice.selected) == (None, before)
        else:
            assert after == self.ice.selected
            assert after is None or self.now - self.heard[after] < FRESH
            self.is_lost = after is None

    @rule()
    def restart(self) -> None:
        credentials = IceCredentials.generate(self.rng)
        self.ice.restart(credentials, self.now)
        if not self.was_expired:
            self.given.append(credentials)

    @rule(wait=st.floats(0, 35))
    def wait(self, wait: float) -> None:
        self.now = Seconds(self.now + wait)
        deadline = self.ice.next_deadline()
        self.ice.tick(self.now)
        expired = state_of(self.ice) is IceState.EXPIRED
        assert expired == (self.was_expired or (deadline is not None and self.now >= deadline))
        self.was_expired = expired

    @invariant()
    def bounds(self) -> None:
        if not hasattr(self, "ice"):
            return
        ice = self.ice
        assert len(ice.addresses) <= MOST_ADDRESSES
        assert 1 <= len(ice.username_fragments) <= 2
        assert ice.selected is None or ice.selected in ice.addresses
        assert (ice.selected is None) == (self.last_valid is None or self.is_lost)
        assert (ice.next_deadline() is None) == (ice.state is IceState.EXPIRED)


TestAnyConversation = AnyConversation.TestCase


# ---- paths that end, and peers that move without knowing it ----------------------------------


def test_a_peer_that_nominates_once_is_followed_behind_its_nat() -> None:
    ice, peer = agent()
    ice.receive(peer.check(nominate=True), WIFI, START)
    ice.receive(peer.check(), WIFI, Seconds(START + 5))
    answer = ice.receive(peer.check(), CELLULAR, Seconds(START + 5 + MOVED))
    assert answer.selected_changed
    assert ice.selected == CELLULAR


def test_a_path_in_reserve_is_not_taken_for_a_move() -> None:
    ice, peer = agent()
    ice.receive(peer.check(nominate=True), WIFI, START)
    assert not ice.receive(peer.check(), CELLULAR, Seconds(START + MOVED - 0.1)).selected_changed
    ice.receive(peer.check(nominate=True), WIFI, Seconds(START + 4))
    # Known already, and one check of the path in use was lost.
    assert not ice.receive(peer.check(), CELLULAR, Seconds(START + 8)).selected_changed
    assert ice.selected == WIFI
    assert ice.receive(peer.check(), CELLULAR, Seconds(START + 4 + FRESH)).selected_changed


def test_a_lost_path_gives_way_to_a_fresh_one() -> None:
    ice, peer = agent()
    ice.receive(peer.check(), CELLULAR, START)
    ice.receive(peer.check(nominate=True), WIFI, START)
    assert ice.lose(CELLULAR, START) is None
    assert ice.selected == WIFI
    ice.receive(peer.check(), CELLULAR, START)
    assert ice.lose(WIFI, Seconds(START + 1)) == CELLULAR
    assert ice.addresses == (CELLULAR,)


def test_without_another_path_the_next_check_shows_one() -> None:
    ice, peer = agent()
    ice.receive(peer.check(), CELLULAR, START)
    ice.receive(peer.check(nominate=True), WIFI, Seconds(START + FRESH))
    assert ice.lose(WIFI, Seconds(START + FRESH)) is None
    assert selected_by(ice) is None
    assert ice.receive(peer.check(), ROW, Seconds(START + FRESH + 1)).selected_changed
    assert ice.selected == ROW
    assert ice.lose(WIFI, START) is None  # whoever was forgotten long ago
