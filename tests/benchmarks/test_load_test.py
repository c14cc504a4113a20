import pytest
import typer
from typer.testing import CliRunner

from benchmarks import load_test
from benchmarks.load_test import Order, Outcome, parse_bitrate, parse_url, table_of


@pytest.mark.parametrize(
    ("text", "bits"),
    [("600k", 600_000), ("1.2M", 1_200_000), ("64000", 64_000), (" 2 m ", 2_000_000)],
)
def test_bitrates(text: str, bits: float) -> None:
    assert parse_bitrate(text) == pytest.approx(bits)


@pytest.mark.parametrize("text", ["", "fast", "0", "-5k", "1.2.3M", "5G", "600 kbit"])
def test_what_is_no_bitrate_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_bitrate(text)


@pytest.mark.parametrize(
    "text", ["ws://host:3000", "ws://host:3000/ws", "http://host:3000/", "http://host:3000"]
)
def test_addresses(text: str) -> None:
    assert parse_url(text) == "http://host:3000"


@pytest.mark.parametrize("text", ["wss://host", "host:3000", ""])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_url(text)


def test_publishers_see_each_other() -> None:
    order = Order("http://host", 3, 4, 16, 600_000, 1)
    assert (order.people, order.receivers) == (60, 19)


def test_a_server_that_is_not_there_is_a_sentence_and_a_status() -> None:
    result = CliRunner().invoke(load_test.app, ["--url", "ws://127.0.0.1:1", "--duration", "0.1"])
    assert result.exit_code == load_test.CANNOT_CONNECT
    assert "cannot be reached" in " ".join(result.output.split())


def test_a_room_without_an_audience_is_refused() -> None:
    result = CliRunner().invoke(load_test.app, ["--publishers", "1", "--subscribers", "0"])
    assert result.exit_code == 2


def test_the_table_shows_everything() -> None:
    outcome = Outcome(
        people=3,
        joins_per_second=10.0,
        seconds=1.0,
        sent=100,
        expected=200,
        delivered=199,
        lost=1,
        duplicates=0,
        out_of_order=0,
        faults=0,
        megabits_per_second=1.5,
        latency_ms={"p50": 0.5},
        crowd_share=0.1,
    )
    assert table_of(outcome).row_count == 9
