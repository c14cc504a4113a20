"""``crossover check``: what stands in the way of calls here, and what to do about it."""

import asyncio
import os
from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signaling.commands.flags import with_settings
from signaling.config import ConfigError, load
from signaling.doctor.finding import Finding, Level, exit_code
from signaling.http.clock import Clock
from signaling.http.page import PAGE
from signaling.probes.examination import examine

COLOURS: Final = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


class Report(msgspec.Struct):
    """What ``--json`` prints; ``status`` is the worst of the findings."""

    status: Level
    findings: Sequence[Finding]


def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")] = False,
    expect: Annotated[
        int, typer.Option(help="Signaling connections expected at a time.", min=1)
    ] = 5000,
    **flags: str | None,
) -> None:
    """Look for what stands in the way of calls; exit code 0 = nothing fails, 1 = something does."""
    try:
        settings = load(os.environ, flags)
    except ConfigError as error:
        Console(stderr=True).print(f"[red]Nothing was checked.[/red] {error}", highlight=False)
        raise typer.Exit(2) from None
    findings = asyncio.run(examine(settings, PAGE, expect, Clock().now()))
    if as_json:
        report = Report(_worst(findings), findings)
        typer.echo(msgspec.json.format(msgspec.json.encode(report)).decode())
    else:
        _show(findings)
    raise typer.Exit(exit_code(findings))


def _worst(findings: Sequence[Finding]) -> Level:
    levels = {one.level for one in findings}
    return next((one for one in (Level.FAIL, Level.WARN) if one in levels), Level.OK)


def _show(findings: Sequence[Finding]) -> None:
    table = Table("", "what", "found, and what to do", show_edge=False)
    for one in findings:
        told = Text(one.found)
        if one.advice:
            told.append(f"\n→ {one.advice}", style="bold")
        table.add_row(Text(one.level.value, style=COLOURS[one.level]), Text(one.subject), told)
    console = Console(highlight=False)
    console.print(table)
    count = {level: sum(one.level is level for one in findings) for level in Level}
    console.print(
        f"\n{count[Level.OK]} ok, {count[Level.WARN]} warnings, {count[Level.FAIL]} failures"
    )


with_settings(check)
