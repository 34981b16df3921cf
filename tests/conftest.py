"""What several tests share: a filled index and the web application over it."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from drawn_patents import Library, fill
from ipatent.web import create_app
from tiny_encoder import TinyEncoder


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Twelve drawn patents in a real embedded index."""
    filled = fill(tmp_path_factory.mktemp("library"), TinyEncoder())
    yield filled
    filled.state.index.close()


@pytest.fixture(scope="session")
def client(library: Library) -> Iterator[TestClient]:
    """The web application over the drawn patents, without a network; redirects are not followed."""
    with TestClient(create_app(library.state), follow_redirects=False) as client:
        yield client
