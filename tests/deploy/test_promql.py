"""The parser that the tests of dashboards and alerts stand on."""

import pytest

from tests.support.promql import PromqlError, Selector, parse


def metrics(text: str) -> list[str]:
    return [selector.metric for selector in parse(text).selectors]


def test_selector_with_matchers() -> None:
    found = parse('up{job="a b", instance=~"x|y",} == 0')
    assert found.selectors == [Selector("up", [("job", "=", "a b"), ("instance", "=~", "x|y")])]


def test_functions_aggregators_and_groupings_are_no_metrics() -> None:
    text = "histogram_quantile(0.95, sum by (le, mode) (rate(a_seconds_bucket[5m] offset 1h)))"
    assert metrics(text) == ["a_seconds_bucket"]
    assert parse(text).labels == {"le", "mode"}


def test_grouping_may_follow() -> None:
    found = parse("sum(a) without (x) / on (y) group_left (z) max(b)")
    assert [one.metric for one in found.selectors] == ["a", "b"]
    assert found.labels == {"x", "y", "z"}


@pytest.mark.parametrize("name", ["sum_of_things", "count_total", "by_the_way", "rate", "sum"])
def test_metric_that_looks_like_a_word(name: str) -> None:
    assert metrics(f"{name} > bool 1e3") == [name]


def test_operators_between_metrics() -> None:
    assert metrics("8 * a:b:c and c unless d or e ^ 2 # f") == ["a:b:c", "c", "d", "e"]


def test_subquery() -> None:
    assert metrics("max_over_time(rate(a[5m])[1h30m:1m] @ end())") == ["a"]


def test_words_in_strings_are_no_metrics() -> None:
    assert metrics("""label_replace(a, 'to', "$1 \\"x\\"", `from`, "(.*)")""") == ["a"]


@pytest.mark.parametrize(
    "text",
    ["sum(a", "a)", "a[5m}", "a{b}", 'a{"b"="c"}', "a{b=c}", '{a="b"}', "sum by (1) (a)", "§"],
)
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises((PromqlError, IndexError)):
        parse(text)
