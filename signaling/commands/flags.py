"""Settings as flags of a command."""

import inspect
from collections.abc import Iterable
from typing import Annotated

import typer

from signaling.config import SETTINGS, Setting


def parameters(settings: Iterable[Setting]) -> list[inspect.Parameter]:
    """One optional text flag per setting; ``config.load`` turns text into values."""
    made = []
    for setting in settings:
        shown = "" if setting.secret else f" [default: {setting.default or 'none'}]"
        help_text = f"{setting.help}{shown} [{', '.join(setting.variables)}]"
        option = typer.Option(setting.flag, help=help_text.replace("[", "\\["), show_default=False)
        annotation = Annotated[str | None, option]
        made.append(
            inspect.Parameter(
                setting.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation
            )
        )
    return made


def with_settings(command: object, names: Iterable[str] | None = None) -> None:
    """Gives a command that takes ``**flags`` a flag per setting, after those of its own.

    Args:
        command: A function; what typer sees of it is changed in place.
        names: Of the settings; None for all.
    """
    own = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in inspect.signature(command).parameters.values()  # type: ignore[arg-type]
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    wanted = None if names is None else set(names)
    chosen = [one for one in SETTINGS if wanted is None or one.name in wanted]
    command.__signature__ = inspect.Signature(own + parameters(chosen))  # type: ignore[attr-defined]
