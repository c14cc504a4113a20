from typing import get_args

from sfu.control.messages import Command, SetLogLevel
from sfu.worker import commands


def test_every_command_has_its_function() -> None:
    by_the_worker = {SetLogLevel}  # it is about the process, not about its engine
    assert set(commands._FUNCTIONS) == set(get_args(Command)) - by_the_worker
    assert len(set(commands._FUNCTIONS.values())) == len(commands._FUNCTIONS)
