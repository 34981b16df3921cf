"""What several tests share: a filled index, the web application over it, a server, a browser."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.testclient import TestClient

from drawn_patents import Library, fill
from formats import Shelf
from ipatent.records import Database
from ipatent.web import create_app
from office_servers import PostgreSQLServer, S3Server, emptied, postgresql_server, s3_server
from tiny_encoder import TinyEncoder


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Twelve drawn patents in a real embedded index."""
    filled = fill(tmp_path_factory.mktemp("library"), TinyEncoder())
    yield filled
    filled.state.close()


@pytest.fixture(scope="session")
def client(library: Library) -> Iterator[TestClient]:
    """The web application over the drawn patents, without a network; redirects are not followed."""
    with TestClient(create_app(library.state), follow_redirects=False) as client:
        yield client


@contextmanager
def served(folder: Path, patents: int = 12) -> Iterator[str]:
    """The address of a real server in a process of its own, stopped afterwards."""
    script = Path(__file__).with_name("serve_drawn.py")
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder), str(patents)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        for line in process.stdout:
            if line.startswith("READY "):
                yield line.split()[1]
                break
        else:
            raise RuntimeError("the server ended before it was ready")
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over twenty drawn patents: a hundred figures."""
    with served(tmp_path_factory.mktemp("site"), patents=20) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium; tests that want one are skipped where none is installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        pytest.skip(f"no Chromium: none of {', '.join(names)} is installed and TEST_CHROMIUM is not set")
    quiet = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
        "--disable-background-networking --disable-component-update --disable-sync"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=quiet.split())
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, site: str) -> Iterator[Page]:
    """A fresh window at 1440 x 900 that fails the test on any script error or outside request."""
    context = chromium.new_context(base_url=site, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console", lambda said: troubles.append(said.text) if "Content Security Policy" in said.text else None
    )
    page.on("request", lambda request: troubles.append(request.url) if site not in request.url else None)
    yield page
    context.close()
    assert not troubles


@pytest.fixture
def records(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of records in a file; on a server for tests that ask for both."""
    if getattr(request, "param", "SQLite") == "PostgreSQL":
        with emptied(request.getfixturevalue("postgresql")) as database:
            yield database
        return
    with Database.open(tmp_path / "records.sqlite") as database:
        yield database


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQLServer]:
    """A running PostgreSQL server; the test is skipped where there is none."""
    with postgresql_server(tmp_path_factory.mktemp("postgresql")) as server:
        yield server


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """An empty index of its own, to ingest files into."""
    with closing(Shelf(tmp_path / "data")) as shelf:
        yield shelf


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, chromium: Browser, site: str) -> Iterator[Page]:
    """A window in each of the colour schemes, without motion."""
    context = chromium.new_context(base_url=site, color_scheme=request.param, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A running S3 server with a bucket `office`; the test is skipped where there is none."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        server.make_bucket("office")
        yield server
