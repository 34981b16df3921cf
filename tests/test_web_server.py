"""The server as a process: tells when it is ready, says why it cannot listen, survives rude clients."""

import json
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from drawn_patents import fill
from ipatent.errors import SettingsError
from ipatent.web import serve
from tiny_encoder import TinyEncoder


def test_a_taken_port_is_explained(tmp_path: Path) -> None:
    library = fill(tmp_path, TinyEncoder(), patents=0)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=f"port {port}: Address already in use") as refusal:
            serve(library.state, port=port)
    assert "--port" in refusal.value.advice
    library.state.close()


def test_an_address_of_another_machine_is_explained(tmp_path: Path) -> None:
    library = fill(tmp_path, TinyEncoder(), patents=0)
    with pytest.raises(SettingsError, match=r"cannot listen on 192\.0\.2\.1"):
        serve(library.state, host="192.0.2.1", port=0)
    library.state.close()


def test_an_upload_over_the_limit_is_told_even_while_the_client_still_sends(site: str) -> None:
    boundary = "y"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="x.png"\r\n\r\n'
    body = head.encode() + b"x" * 3_000_000 + f"\r\n--{boundary}--\r\n".encode()
    request = Request(
        f"{site}/upload.json",
        body,
        {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(len(body))},
    )
    with pytest.raises(HTTPError) as refusal:
        urlopen(request)
    with refusal.value as answer:
        assert answer.code == 413
        assert "max_upload_bytes" in json.load(answer)["error"]


def test_answers_on_a_kept_connection_are_not_delayed(site: str) -> None:
    address = urlsplit(site)
    connection = HTTPConnection(str(address.hostname), address.port or 80, timeout=10)
    taken = []
    for _ in range(25):
        started = time.perf_counter()
        connection.request("GET", "/favicon.svg")
        connection.getresponse().read()
        taken.append(time.perf_counter() - started)
    connection.close()
    assert sorted(taken)[8] < 0.035, "an answer waits for the acknowledgement of its first half"


def test_many_people_can_search_at_the_same_time(site: str) -> None:
    def ask(place: int) -> int:
        with urlopen(f"{site}/search.json?q=view+{place}&k=20") as answer:
            return len(json.load(answer)["hits"])

    with ThreadPoolExecutor(16) as people:
        assert set(people.map(ask, range(64))) == {20}


@pytest.mark.parametrize(
    "request_line", [b"GET /..//../etc/passwd HTTP/1.1", b"GET http://x/ HTTP/1.1", b"\0\0\0"]
)
def test_rude_requests_do_not_stop_the_server(site: str, request_line: bytes) -> None:
    address = urlsplit(site)
    with socket.create_connection((address.hostname, address.port), 5) as connection:
        connection.sendall(request_line + b"\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert b"500" not in connection.recv(200).split(b"\r\n")[0]
    with urlopen(f"{site}/status.json") as answer:
        assert answer.status == 200


def test_an_interrupted_server_ends_by_itself(tmp_path: Path) -> None:
    script = Path(__file__).with_name("serve_drawn.py")
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path), "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    told = [process.stdout.readline(), process.stdout.readline()]
    assert told[0].startswith("iPatent is at http://127.0.0.1:")
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=10)
    assert process.returncode == 0
    assert rest == ("", "")


def test_nothing_of_the_web_is_loaded_by_the_core() -> None:
    code = "import sys, ipatent.search, ipatent.pictures; print({'fastapi', 'jinja2'} & sys.modules.keys())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"
