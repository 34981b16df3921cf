"""A local stand-in for the model hub: as much of its API as downloading a repository takes."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """One served repository, the faults it plays, and what was asked of it."""

    repository: str
    folder: Path
    address: str = ""
    delay: float = 0.0
    cut_after: int | None = None
    """Close the connection after this many bytes of every `.onnx` file."""
    budget: int | None = None
    """Bytes of `.onnx` files to serve before every further download breaks off at once."""
    spoil: str = ""
    """Change one byte of this file on its way."""
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    """(method, path, Range header) in order."""

    def files(self) -> list[str]:
        return sorted(p.relative_to(self.folder).as_posix() for p in self.folder.rglob("*") if p.is_file())

    def gets(self, name: str) -> list[str | None]:
        """The Range headers of the downloads of a file."""
        return [given for method, path, given in self.requests if method == "GET" and path.endswith(name)]


def _is_large(name: str) -> bool:
    return name.endswith(".onnx")


def _blob_id(content: bytes) -> str:
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()


@contextmanager
def serve(repository: str, folder: Path) -> Iterator[Hub]:
    """Serve `folder` as `repository` on a free local port."""
    hub = Hub(repository, folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            hub.requests.append((self.command, self.path, self.headers.get("Range")))
            path = self.path.split("?")[0]
            if path.startswith(f"/api/models/{hub.repository}"):
                time.sleep(hub.delay)
                self.describe()
            elif path.startswith(f"/{hub.repository}/resolve/"):
                self.send_file(path.removeprefix(f"/{hub.repository}/resolve/").split("/", 1)[1])
            else:
                self.send(404, b'{"error": "Repository not found"}', {"X-Error-Code": "RepoNotFound"})

        def describe(self) -> None:
            siblings = []
            for name in hub.files():
                content = (hub.folder / name).read_bytes()
                entry: dict[str, object] = {
                    "rfilename": name,
                    "size": len(content),
                    "blobId": _blob_id(content),
                }
                if _is_large(name):
                    sha = hashlib.sha256(content).hexdigest()
                    entry["lfs"] = {"sha256": sha, "size": len(content), "pointerSize": 130}
                siblings.append(entry)
            body = {"id": hub.repository, "sha": COMMIT, "siblings": siblings}
            self.send(200, json.dumps(body).encode(), {"Content-Type": "application/json"})

        def send_file(self, name: str) -> None:
            if not (hub.folder / name).is_file():
                self.send(404, b"{}", {"X-Error-Code": "EntryNotFound"})
                return
            content = (hub.folder / name).read_bytes()
            etag = hashlib.sha256(content).hexdigest() if _is_large(name) else _blob_id(content)
            if hub.spoil == name:
                content = content[:-1] + bytes([content[-1] ^ 1])
            headers = {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
            status, start = 200, 0
            if given := self.headers.get("Range"):
                start = int(given.removeprefix("bytes=").split("-")[0])
                status = 206
                headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            limits = [limit for limit in (hub.cut_after, hub.budget) if limit is not None]
            cut = min(limits) if limits and _is_large(name) and self.command == "GET" else None
            self.send(status, content[start:], headers, cut)

        def send(self, status: int, body: bytes, headers: dict[str, str], cut: int | None = None) -> None:
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "HEAD":
                return
            sent = body if cut is None else body[:cut]
            self.wfile.write(sent)
            if hub.budget is not None and cut is not None:
                hub.budget -= len(sent)
            self.close_connection = len(sent) < len(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
