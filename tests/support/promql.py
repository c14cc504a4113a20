"""Which metrics and labels a PromQL expression names (Prometheus 2.42's language).

A tokenizer and the few rules that tell a metric from a function, a keyword or a label.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
      | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
      | (?P<duration>(?:\d+(?:ms|[smhdwy]))+)
      | (?P<number>0x[0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
      | (?P<name>[a-zA-Z_][a-zA-Z0-9_:]*)
      | (?P<operator>=~|!~|!=|==|<=|>=|[-+*/%^(){}\[\],=<>:@])""",
    re.VERBOSE,
)
AGGREGATORS = frozenset(
    {"sum", "min", "max", "avg", "group", "stddev", "stdvar", "count", "count_values"}
    | {"bottomk", "topk", "quantile"}
)
GROUPING = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
WORDS = frozenset({"and", "or", "unless", "bool", "offset", "atan2", "start", "end", "inf", "nan"})


class PromqlError(ValueError):
    """The text is no PromQL."""


@dataclass
class Selector:
    """A metric, with what is asked of its labels: label, operator, value."""

    metric: str
    matchers: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Expression:
    """What an expression names; ``labels``: those by which it groups."""

    selectors: list[Selector] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Token:
    kind: str
    text: str


def tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise PromqlError(f"{text[at : at + 20]!r} is not understood")
        at = found.end()
        if found.lastgroup != "space":
            yield Token(str(found.lastgroup), found.group())


def parse(text: str) -> Expression:
    """The names in an expression; raises ``PromqlError``."""
    found, left = Expression(), list(tokens(text))
    _check_brackets(left)
    while left:
        token = left.pop(0)
        following = left[0].text if left else ""
        if token.text == "{":
            raise PromqlError("a selector without a metric")
        if token.kind != "name" or token.text.lower() in WORDS:
            continue
        if token.text in GROUPING:
            if following == "(":
                found.labels |= set(_labels(left))
        elif token.text in AGGREGATORS and (following == "(" or following in GROUPING):
            pass
        elif following == "(":
            pass  # a function
        else:
            matchers = _matchers(left) if following == "{" else []
            found.selectors.append(Selector(token.text, matchers))
    return found


def _check_brackets(all_tokens: list[Token]) -> None:
    pairs, waiting = {")": "(", "]": "[", "}": "{"}, []
    for text in [token.text for token in all_tokens if token.kind == "operator"]:
        if text in pairs.values():
            waiting.append(text)
        elif text in pairs and (not waiting or waiting.pop() != pairs[text]):
            raise PromqlError("brackets do not match")
    if waiting:
        raise PromqlError("a bracket is not closed")


def _labels(left: list[Token]) -> Iterator[str]:
    """The names in ``(one, another)``, taken out."""
    left.pop(0)
    while (token := left.pop(0)).text != ")":
        if token.kind == "name":
            yield token.text
        elif token.text != ",":
            raise PromqlError(f"{token.text!r} is no label")


def _matchers(left: list[Token]) -> list[tuple[str, str, str]]:
    """What stands in ``{label="value"}``, taken out."""
    left.pop(0)
    found = []
    while left[0].text != "}":
        name, operator, value = left.pop(0), left.pop(0), left.pop(0)
        if (name.kind, value.kind) != ("name", "string") or operator.text not in {
            *("=", "!=", "=~", "!~")
        }:
            raise PromqlError(f"{name.text}{operator.text}{value.text} asks nothing of a label")
        found.append((name.text, operator.text, value.text[1:-1]))
        if left[0].text == ",":
            left.pop(0)
    left.pop(0)
    return found
