from typing import get_args

from sfu.control.messages import Command
from sfu.worker import commands


def test_every_command_has_its_function() -> None:
    assert set(commands._FUNCTIONS) == set(get_args(Command))
    assert len(set(commands._FUNCTIONS.values())) == len(commands._FUNCTIONS)
