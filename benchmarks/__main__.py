"""``python -m benchmarks``: lists the questions, answers one, or all."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.progress import ProgressBar, progress_display
from benchmarks.questions import QUESTIONS, Question, named
from benchmarks.record import RESULTS, Record, record
from benchmarks.report import README, terminal_table, update_readme

console = Console(highlight=False)
app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Measures Crossover, one question at a time.",
)


@app.command()
def main(
    name: Annotated[
        str, typer.Argument(help="A question's name, or all; nothing lists them.")
    ] = "",
    quick: Annotated[bool, typer.Option("--quick", help="A minute or so each.")] = False,
    json: Annotated[
        Path | None, typer.Option(help="Where one answer's record goes.", dir_okay=False)
    ] = None,
    plot: Annotated[
        Path, typer.Option(help="Folder for the plots, SVG and PNG.", file_okay=False)
    ] = RESULTS,
    readme: Annotated[
        bool, typer.Option("--readme", help="Write the tables of benchmarks/README.md anew.")
    ] = False,
) -> None:
    """Answers a question: a table here, a JSON record and plots in files.

    ``all`` answers every question and writes the tables of benchmarks/README.md anew.
    """
    if not name:
        _list()
        return
    chosen = QUESTIONS if name == "all" else tuple(filter(None, [named(name)]))
    if not chosen:
        console.print(f"[red]There is no question {name}.[/red]")
        _list()
        raise typer.Exit(2)
    for question in chosen:
        if missing := question.missing():
            console.print(f"[yellow]{question.name} is skipped.[/yellow] {missing}")
            continue
        one = json if json is not None and len(chosen) == 1 else RESULTS / f"{question.name}.json"
        found = _answer(question, quick, one, plot)
        if readme or name == "all":
            update_readme(found, plot)
            console.print(f"{README.name} has the new table.")


def _list() -> None:
    for question in QUESTIONS:
        console.print(f"[bold]{question.name}[/bold]  {question.asks}")
    console.print("python -m benchmarks NAME (or all) [--quick]")


def _answer(question: Question, quick: bool, json: Path, plot: Path) -> Record:
    console.print(f"[bold]{question.asks}[/bold]")
    with progress_display() as display:
        findings = question.answer(quick, ProgressBar(display))
    found = record(question.name, quick, findings)
    console.print(terminal_table(found))
    for note in findings.notes:
        console.print(note, markup=False)
    found.write(json)
    question.draw(found, plot)
    console.print(f"{json}, {plot / question.name}.svg, .png")
    return found


if __name__ == "__main__":
    app()
