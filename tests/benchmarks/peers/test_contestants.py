from pathlib import Path

import pytest

from benchmarks.peers import contestant
from benchmarks.peers.contestant import Absence
from benchmarks.peers.janus import contestant as janus
from benchmarks.peers.janus import settings
from benchmarks.peers.mediasoup import contestant as mediasoup
from benchmarks.peers.ours import Crossover
from benchmarks.peers.pion import build
from benchmarks.peers.pion import contestant as pion
from benchmarks.processes import StartFailed
from benchmarks.questions.peers import contestants


def only_there(monkeypatch: pytest.MonkeyPatch, folder: Path, *programs: str) -> None:
    """Have nothing on the path but these."""
    folder.mkdir(exist_ok=True)
    for name in programs:
        (folder / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(folder))


def absence_of(one: contestant.Contestant) -> Absence:
    absence = one.absence()
    assert absence is not None
    return absence


# ---- who is not there ----------------------------------------------------------------------------


def test_we_are_here_and_come_first() -> None:
    assert isinstance(contestants()[0], Crossover)
    assert contestants()[0].absence() is None
    names = [one.name for one in contestants()]
    assert len(set(names)) == len(names)


def test_janus_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only_there(monkeypatch, tmp_path)
    absence = absence_of(janus.Janus())
    assert absence.word == "not installed"
    assert "apt-get install --no-install-recommends janus" in absence.advice


def test_janus_needs_another_address_than_the_loopback_interfaces(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    only_there(monkeypatch, tmp_path, "janus")
    monkeypatch.setattr(janus, "machine_address", lambda: "127.0.0.1")
    assert absence_of(janus.Janus()).word == "cannot run here"
    monkeypatch.setattr(janus, "machine_address", lambda: "192.0.2.2")
    assert janus.Janus().absence() is None


def test_pion_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only_there(monkeypatch, tmp_path)
    assert "golang-github-pion-webrtc.v3-dev" in absence_of(pion.Pion()).advice
    only_there(monkeypatch, tmp_path, "go")
    monkeypatch.setattr(build, "PION", tmp_path / "absent")
    assert "golang-go" in absence_of(pion.Pion()).advice
    monkeypatch.setattr(build, "PION", tmp_path)
    assert pion.Pion().absence() is None


def test_mediasoup_needs_node_its_package_and_a_worker(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    only_there(monkeypatch, tmp_path)
    assert "npm" in absence_of(mediasoup.Mediasoup()).advice
    only_there(monkeypatch, tmp_path, "node")
    monkeypatch.setattr(mediasoup, "_PACKAGE", tmp_path / "absent")
    assert "npm ci" in absence_of(mediasoup.Mediasoup()).advice
    monkeypatch.setattr(mediasoup, "_PACKAGE", tmp_path)
    monkeypatch.setenv(mediasoup.WORKER_VARIABLE, str(tmp_path / "absent"))
    absence = absence_of(mediasoup.Mediasoup())
    assert absence.word == "could not be run"
    assert mediasoup.WORKER_VARIABLE in absence.advice
    (tmp_path / "worker").touch()
    monkeypatch.setenv(mediasoup.WORKER_VARIABLE, str(tmp_path / "worker"))
    assert mediasoup.Mediasoup().absence() is None


# ---- how they are set up -------------------------------------------------------------------------


def test_files_of_janus() -> None:
    plugins = ["libjanus_videoroom.so", "libjanus_sip.so", "libjanus_websockets.so"]
    files = settings.files("192.0.2.2", 8188, 1, plugins)
    text = settings.jcfg(files["janus.jcfg"])
    assert "general: {\n" in text
    assert "\tevent_loops = 1\n" in text
    assert '\tice_enforce_list = "192.0.2.2"\n' in text
    assert "\tice_lite = true\n" in text
    assert '\tdisable = "libjanus_sip.so"\n' in text
    api = settings.jcfg(files["janus.transport.websockets.jcfg"])
    assert "\tws_port = 8188\n" in api
    assert '\tws_ip = "127.0.0.1"\n' in api


def test_strings_of_janus_are_quoted() -> None:
    assert settings.jcfg({"a": {"b": 'x"\\'}}) == 'a: {\n\tb = "x\\"\\\\"\n}\n'


def test_files_of_janus_are_written(tmp_path: Path) -> None:
    paths = settings.write(tmp_path, settings.files("192.0.2.2", 1, 0, []))
    assert {path.name for path in paths} == {path.name for path in tmp_path.iterdir()}
    assert "event_loops = 0" in (tmp_path / "janus.jcfg").read_text()


def test_the_words_about_janus_are_those_of_the_files() -> None:
    assert "event_loops = 1" in settings.in_words(1)
    assert settings.room("a room")["threads"] == settings.HELPER_THREADS


def test_pion_is_built_of_all_its_sources() -> None:
    names = {source.name for source in build.sources()}
    assert {"main.go", "go.mod"} < names


def test_a_compiler_that_fails_is_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    compiler = tmp_path / "go"
    compiler.write_text("#!/bin/sh\necho no such package >&2\nexit 1\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(build, "_BUILD", tmp_path / "build")
    monkeypatch.setattr(build, "PROGRAM", tmp_path / "build" / "sfu")
    with pytest.raises(StartFailed, match="no such package"):
        build.built()


def test_the_address_is_one_of_this_machines() -> None:
    assert contestant.machine_address().count(".") == 3
