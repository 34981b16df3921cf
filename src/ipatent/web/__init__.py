"""The web application: every page is a GET address with a `.json` twin, rendered on the server."""

from ipatent.web.app import create_app
from ipatent.web.server import serve
from ipatent.web.state import AppState

__all__ = ["AppState", "create_app", "serve"]
