"""Search, figures and patents for assistants, over the Model Context Protocol; needs `ipatent[mcp]`."""

from ipatent.mcp_server.server import build_server

__all__ = ["build_server"]
