"""Tables made of records: on the terminal, and between the markers of ``README.md``."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from benchmarks.record import Record, cells, headings

README = Path(__file__).parent / "README.md"

PICTURES = "pictures"
"""The folder beside it with the plots that it shows."""


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


def markdown(record: Record, pictures: Sequence[str] = ()) -> str:
    """The same for a document, with pictures, and where, when and how below it."""
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
    lines += [f"\n![{_spoken(name)}]({PICTURES}/{name})" for name in pictures]
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


def update_readme(record: Record, plots: Path, path: Path = README) -> None:
    """Puts a record's table into its place, and the plots that were made of it beside it.

    Args:
        record: the answer.
        plots: the folder with its plots.
        path: of the document.

    Raises:
        NoPlace: There is none.
    """
    shown = path.parent / PICTURES
    shown.mkdir(exist_ok=True)
    made = re.compile(rf"{re.escape(record.question)}(-[a-z-]+)?\.svg")
    drawn = [one for one in sorted(plots.glob("*.svg")) if made.fullmatch(one.name)]
    for one in drawn:
        shutil.copyfile(one, shown / one.name)
    text = markdown(record, [one.name for one in drawn])
    path.write_text(rewritten(path.read_text(), record.question, text))


def _spoken(picture: str) -> str:
    return picture.removesuffix(".svg").replace("-", " ")
