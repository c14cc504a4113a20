"""Files and folders of ours."""

import os
from pathlib import Path

import pytest

from signaling.probes.installation import folder, secret_file


def test_a_private_folder(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.mkdir(mode=0o700)
    facts = folder(path)
    assert (facts.exists, facts.is_usable, facts.is_shared) == (True, True, False)
    path.chmod(0o750)
    assert folder(path).is_shared


def test_one_that_is_still_to_be_made(tmp_path: Path) -> None:
    facts = folder(tmp_path / "not" / "yet")
    assert (facts.exists, facts.is_usable) == (False, True)
    assert not (tmp_path / "not").exists(), "a doctor changes nothing"


@pytest.mark.parametrize("look", [folder, secret_file])
def test_a_file_in_the_way(tmp_path: Path, look: object) -> None:
    assert callable(look)
    (tmp_path / "file").write_text("")
    facts = look(tmp_path / "file" / "state")
    assert not facts.is_usable
    assert facts.detail
    assert not folder(tmp_path / "file").is_usable


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_somebody_else() -> None:
    assert not folder(Path("/proc/1")).is_usable


def test_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    assert secret_file(path).is_usable
    path.write_text("0123456789abcdef0123456789abcdef\n")
    path.chmod(0o600)
    facts = secret_file(path)
    assert (facts.exists, facts.is_usable, facts.is_shared, facts.length) == (True, True, False, 32)
    assert "0123456789" not in repr(facts)
    path.chmod(0o640)
    assert secret_file(path).is_shared


def test_a_secret_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"\xff\xfe\x00")
    facts = secret_file(path)
    assert (facts.exists, facts.is_usable, facts.detail) == (True, False, "it holds no text")
    folder_instead = tmp_path / "folder"
    folder_instead.mkdir()
    assert secret_file(folder_instead).detail == "is a directory"
