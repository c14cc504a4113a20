"""Writes the page's TypeScript types from the room dialect's structs.

``python -m signaling.messages.typescript > web/src/signaling/protocol.ts`` renews them; a test
fails while the committed file differs from what this module writes.
"""

import enum
import sys
import textwrap

import msgspec
from msgspec import inspect

from signaling.messages import room_dialect, wire

HEADER = """\
// The room dialect, made from signaling/messages/{records,requests,notices,media}. Do not edit:
// python -m signaling.messages.typescript > web/src/signaling/protocol.ts
"""

_PRIMITIVES: dict[type, str] = {
    inspect.StrType: "string",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.BoolType: "boolean",
    inspect.NoneType: "null",
    inspect.RawType: "unknown",
    inspect.AnyType: "unknown",
}


def render() -> str:
    """The whole file, ready to be compared or written."""
    unions = {
        "ClientMessage": room_dialect.ClientMessage,
        "ServerMessage": room_dialect.ServerMessage,
    }
    found: dict[str, inspect.StructType] = {}
    for info in inspect.multi_type_info(list(unions.values())):
        _collect(info, found)
    enums = [_enum(wire.ErrorCode)]
    interfaces = [_interface(found[name]) for name in sorted(found)]
    aliases = [
        f"export type {name} =\n" + "\n".join(f"  | {m.__name__}" for m in union.__args__) + ";\n"
        for name, union in unions.items()
    ]
    return "\n".join([HEADER, *enums, *interfaces, *aliases])


def _collect(info: inspect.Type, found: dict[str, inspect.StructType]) -> None:
    """Adds every struct reachable from ``info`` to ``found``, by class name."""
    if isinstance(info, inspect.StructType):
        if info.cls.__name__ not in found:
            found[info.cls.__name__] = info
            for field in info.fields:
                _collect(field.type, found)
    elif isinstance(info, inspect.UnionType):
        for member in info.types:
            _collect(member, found)
    elif isinstance(info, inspect.ListType):
        _collect(info.item_type, found)


def _enum(cls: type[enum.StrEnum]) -> str:
    members = "\n".join(f"  | '{member.value}'" for member in cls)
    return f"{_comment(cls.__doc__)}export type {cls.__name__} =\n{members};\n"


def _interface(info: inspect.StructType) -> str:
    lines = [f"  type: '{info.tag}';"] if info.tag is not None else []
    for field in info.fields:
        unset = msgspec.NODEFAULT is field.default is field.default_factory
        absent = not field.required and (unset or _omits_defaults(info.cls))
        lines.append(f"  {field.encode_name}{'?' if absent else ''}: {_type(field.type)};")
    body = "\n".join(lines)
    return f"{_comment(info.cls.__doc__)}export interface {info.cls.__name__} {{\n{body}\n}}\n"


def _omits_defaults(cls: type[msgspec.Struct]) -> bool:
    return bool(cls.__struct_config__.omit_defaults)


def _type(info: inspect.Type) -> str:
    match info:
        case inspect.StructType(cls=cls) | inspect.EnumType(cls=cls):
            return str(cls.__name__)
        case inspect.ListType(item_type=item):
            text = _type(item)
            return f"({text})[]" if "|" in text else f"{text}[]"
        case inspect.UnionType(types=members):
            return " | ".join(_type(member) for member in members)
        case inspect.LiteralType(values=values):
            return " | ".join(f"'{value}'" for value in values)
        case _:
            return _PRIMITIVES[type(info)]


def _comment(doc: str | None) -> str:
    lines = textwrap.dedent("    " + (doc or "").strip()).replace("``", "`").splitlines()
    if len(lines) == 1:
        return f"/** {lines[0]} */\n"
    return "/**\n" + "\n".join(f" * {line.strip()}".rstrip() for line in lines) + "\n */\n"


if __name__ == "__main__":
    sys.stdout.write(render())
