"""A stand-in for a vision model's server: the same protocol, and every way in which it can go wrong."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GOOD = {"title": "Folding chair with hinge", "description": "A chair whose legs fold at a hinge."}


@dataclass
class StandIn:
    """What was asked so far, and what is answered: `answer(request, number)` gives status and body."""

    answer: Callable[[dict[str, Any], int], tuple[int, Any]]
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    url: str = ""
    busy: int = 0
    most_busy: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class CutOff(bytes):
    """A body whose connection breaks before its end."""


class Dripping(bytes):
    """A body that comes byte by byte, ten a second."""


def completion(text: Any, finish: str = "stop") -> dict[str, Any]:
    """A chat completion that says `text`."""
    content = text if isinstance(text, str) else json.dumps(text)
    message = {"role": "assistant", "content": content}
    return {"choices": [{"index": 0, "message": message, "finish_reason": finish}]}


def good(request: dict[str, Any], number: int) -> tuple[int, Any]:
    """Always a proper answer."""
    return 200, completion(GOOD)


@contextmanager
def served(answer: Callable[[dict[str, Any], int], tuple[int, Any]] = good) -> Iterator[StandIn]:
    """A server on a free port; a body of bytes is sent as it is."""
    stand_in = StandIn(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with stand_in.lock:
                stand_in.asked.append(request)
                stand_in.keys.append(self.headers.get("Authorization", ""))
                number = len(stand_in.asked)
                stand_in.busy += 1
                stand_in.most_busy = max(stand_in.most_busy, stand_in.busy)
            try:
                status, body = stand_in.answer(request, number)
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                length = len(content) + 1000 * isinstance(body, CutOff)
                self.send_response(status)
                self.send_header("Content-Length", str(length))
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:1/secret")
                self.end_headers()
                if isinstance(body, Dripping):
                    for byte in content:
                        self.wfile.write(bytes((byte,)))
                        time.sleep(0.1)
                else:
                    self.wfile.write(content)
            except OSError:
                pass  # the client left
            finally:
                with stand_in.lock:
                    stand_in.busy -= 1

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def slowly(seconds: float) -> Callable[[dict[str, Any], int], tuple[int, Any]]:
    """A proper answer after a while."""

    def answer(request: dict[str, Any], number: int) -> tuple[int, Any]:
        time.sleep(seconds)
        return 200, completion(GOOD)

    return answer
