"""Serves the drawn patents on a free port, as a process of its own: `serve_drawn.py FOLDER [PATENTS]`."""

import sys
from pathlib import Path

from drawn_patents import fill
from ipatent.settings import Settings
from ipatent.web import serve
from tiny_encoder import TinyEncoder


def main() -> None:
    folder = Path(sys.argv[1])
    patents = int(sys.argv[2]) if len(sys.argv) > 2 else 12
    settings = Settings(port=0, max_upload_bytes=400_000)
    library = fill(folder, TinyEncoder(), patents=patents, settings=settings)
    serve(library.state, on_ready=lambda url: print(f"READY {url}", flush=True))


if __name__ == "__main__":
    main()
