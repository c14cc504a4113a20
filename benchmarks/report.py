"""Tables made of records: on the terminal, and between the markers of ``README.md``."""

from pathlib import Path

from rich.table import Table

from benchmarks.record import Record, cells, headings

README = Path(__file__).parent / "README.md"


class NoPlace(Exception):  # noqa: N818 - reads as what is the matter
    """A document has no markers for a question's table."""


def terminal_table(record: Record) -> Table:
    """For the eyes of who ran it."""
    table = Table(title=record.question, title_justify="left")
    names = headings(record.findings)
    for index, name in enumerate(names):
        table.add_column(name, justify="right" if 1 <= index <= 3 else "left")
    for figure in record.findings.figures:
        row = [cell.replace("**", "") for cell in cells(figure)]
        table.add_row(*row, style="red" if figure.met is False else None)
    return table


def markdown(record: Record) -> str:
    """The same for a document, with where, when and how below it."""
    names = headings(record.findings)
    wanted = [index for index, name in enumerate(names) if name or not index]
    rows = [names, ["---"] + ["---:"] * 3 + ["---"] * 2]
    rows += [cells(figure) for figure in record.findings.figures]
    lines = ["| " + " | ".join(row[index] for index in wanted) + " |" for row in rows]
    quick = " --quick" if record.quick else ""
    parameters = ", ".join(
        f"{name} {value:,}" if isinstance(value, int | float) else f"{name} {value}"
        for name, value in record.findings.parameters.items()
    )
    lines += [
        "",
        f"`python -m benchmarks {record.question}{quick}`, {record.date[:10]}, "
        f"commit {record.commit}, on {record.machine.in_words()}.",
        f"Parameters: {parameters}.",
        *record.findings.notes,
    ]
    return "\n".join(lines)


def rewritten(document: str, name: str, text: str) -> str:
    """The document with ``text`` between the two markers called ``name``; the rest as it was.

    Raises:
        NoPlace: The markers are not there, once each and in order.
    """
    opening, closing = f"<!-- {name}: generated, do not edit -->", f"<!-- end of {name} -->"
    before, _, rest = document.partition(opening)
    _, found, after = rest.partition(closing)
    if not found or document.count(opening) != 1 or document.count(closing) != 1:
        raise NoPlace(f"one {opening!r} and after it one {closing!r} are expected")
    return f"{before}{opening}\n\n{text}\n\n{closing}{after}"


def update_readme(record: Record, path: Path = README) -> None:
    """Puts a record's table into its place.

    Raises:
        NoPlace: There is none.
    """
    path.write_text(rewritten(path.read_text(), record.question, markdown(record)))
