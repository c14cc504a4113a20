"""Hypothesis strategies for whatever a message's fields may hold, made from the structs."""

from typing import Any

import msgspec
from hypothesis import strategies
from msgspec import inspect

Json = strategies.SearchStrategy[Any]

TEXT = strategies.text(
    strategies.characters(codec="utf-8", categories=["L", "M", "N", "P", "S", "Z", "C"]),
    max_size=70,
)

ANYTHING: Json = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers(-(2**70), 2**70)
    | strategies.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: (
        strategies.lists(inner, max_size=3) | strategies.dictionaries(TEXT, inner, max_size=3)
    ),
    max_leaves=5,
)
"""Any JSON value at all."""


def message(struct: type[msgspec.Struct], ids: Json) -> Json:
    """Messages of one type, in every way they may be filled; ``ids`` for its identifiers."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    return _of(info, ids)


def _of(info: inspect.Type, ids: Json) -> Json:  # noqa: C901, PLR0911 - one case per type
    match info:
        case inspect.StructType(fields=fields, tag=tag):
            always = {f.encode_name: _of(f.type, ids) for f in fields if f.required}
            perhaps = {f.encode_name: _of(f.type, ids) for f in fields if not f.required}
            if tag is not None:
                always["type"] = strategies.just(tag)
            return strategies.fixed_dictionaries(always, optional=perhaps)
        case inspect.UnionType(types=types):
            known = [t for t in types if not isinstance(t, inspect.CustomType)]
            return strategies.one_of([_of(t, ids) for t in known])
        case inspect.StrType(min_length=least, max_length=most):
            low, high = least or 0, most or 10_000
            return (ids | TEXT).filter(lambda text: low <= len(text) <= high)
        case inspect.IntType(ge=least, le=most):
            return strategies.integers(least, most)
        case inspect.BoolType():
            return strategies.booleans()
        case inspect.FloatType():
            return strategies.floats(0, 1)
        case inspect.ListType(item_type=item):
            return strategies.lists(_of(item, ids), max_size=3)
        case inspect.NoneType():
            return strategies.none()
        case inspect.LiteralType(values=values):
            return strategies.sampled_from(values)
        case inspect.RawType():
            return strategies.dictionaries(TEXT, ANYTHING, max_size=3) | ANYTHING
        case _:
            raise TypeError(f"{info} is not expected in a message")
