"""Files that hold secrets."""

import os
from pathlib import Path

import pytest

from signaling.commands.private_file import write_private


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "turnserver.conf"
    before = os.umask(0)
    try:
        write_private(path, "secret\n")
    finally:
        os.umask(before)
    assert (path.read_text(), mode(path)) == ("secret\n", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_one_that_everybody_could_read_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "turnserver.conf"
    path.write_text("old")
    path.chmod(0o644)
    with path.open() as reader:
        write_private(path, "secret")
        assert reader.read() == "old", "who had it open does not see what is new"
    assert mode(path) == 0o600


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    target, path = tmp_path / "target", tmp_path / "turnserver.conf"
    target.write_text("public")
    path.symlink_to(target)
    write_private(path, "secret")
    assert target.read_text() == "public"
    assert not path.is_symlink()


def test_nothing_is_left_of_what_failed(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(OSError, match="irectory"):
        write_private(path, "secret")
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(FileNotFoundError):
        write_private(tmp_path / "missing" / "file", "secret")
