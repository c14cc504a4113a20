"""What was said, as far back as it is kept."""

from signaling.chat_log import MAX_BYTES, MAX_MESSAGES, ChatLog
from signaling.messages.records import ChatMessage


def say(log: ChatLog, text: str = "hello", name: str | None = "Ann") -> ChatMessage:
    order = log.next_order()
    message = ChatMessage(
        message_id=f"r:{order}",
        order=order,
        room_id="r",
        from_="ann",
        name=name,
        payload=text,
        sent_at="2026-01-01T00:00:00.000Z",
        nonce=None,
    )
    log.append(message)
    return message


def test_order_counts_from_one_without_gaps() -> None:
    log = ChatLog()
    assert [say(log).order for _ in range(500)] == list(range(1, 501))


def test_everything_after_a_message() -> None:
    log = ChatLog()
    said = [say(log, f"{number}") for number in range(5)]
    assert log.after(0) == said
    assert log.after(3) == said[3:]
    assert log.after(5) == []
    assert log.after(10**30) == []


def test_last_messages_are_kept() -> None:
    log = ChatLog()
    for _ in range(MAX_MESSAGES + 10):
        say(log)
    kept = [message.order for message in log.after(0)]
    assert kept == list(range(11, MAX_MESSAGES + 11))
    assert MAX_MESSAGES == 200


def test_no_more_than_so_many_bytes_are_kept() -> None:
    log = ChatLog()
    for number in range(100):
        say(log, "😀" * 4000, name="é" * 64)
        kept = log.after(0)
        assert kept[-1].order == number + 1
        assert sum(len((m.payload + (m.name or "")).encode()) for m in kept) <= MAX_BYTES
    assert 1 < len(log.after(0)) < 20
    for _ in range(MAX_MESSAGES):
        say(log, "short")
    assert len(log.after(0)) == MAX_MESSAGES, "what was forgotten takes no room"


def test_room_without_history_numbers_its_messages() -> None:
    log = ChatLog(keep=False)
    assert [say(log).order for _ in range(3)] == [1, 2, 3]
    assert log.after(0) == []
