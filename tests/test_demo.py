"""The demo keeps to a folder of its own, and says at once when it cannot serve."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from ipatent.demo import check_address, demo_settings
from ipatent.errors import SettingsError
from ipatent.index.embedded import EmbeddedIndex
from ipatent.settings import Settings


def test_sample_patents_never_mix_with_the_users_own(tmp_path: Path) -> None:
    own = Settings(data=str(tmp_path))
    folders = {
        demo_settings(own, None).data_dir,
        demo_settings(own, tmp_path / "mine").data_dir,
        demo_settings(own, tmp_path / "other").data_dir,
        own.data_dir,
    }
    assert len(folders) == 4
    assert {demo_settings(own, None).models_dir} == {own.models_dir}


def test_a_busy_port_is_told_before_any_work() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(SettingsError, match="Choose another port"):
            check_address("127.0.0.1", other.getsockname()[1])


def test_the_demo_generates_indexes_and_serves_in_one_go(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("IPATENT_")}
    command = [sys.executable, "-m", "ipatent", "demo", "--count", "3", "--data", str(tmp_path)]
    command += ["--port", "0", "--no-browser", "--encoder", "builtin"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, cwd=tmp_path
    )
    try:
        assert process.stdout
        words = (word for line in process.stdout for word in line.split())
        url = next(word for word in words if word.startswith("http://"))
        with urllib.request.urlopen(f"{url}/status.json") as answer:
            assert b'"patents":3' in answer.read().replace(b" ", b"")
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    with EmbeddedIndex.open(tmp_path / "demo" / "index.sqlite") as index:
        assert index.status().patents == 3
    assert not (tmp_path / "index.sqlite").exists()
