"""Serves drawn patents on a free port, in a process of its own: `serve_drawn.py FOLDER [PATENTS] [MODEL]`.

MODEL is the address of an endpoint that writes titles.
"""

import sys
from dataclasses import replace
from pathlib import Path

from drawn_patents import fill
from ipatent.settings import Settings
from ipatent.web import serve
from tiny_encoder import TinyEncoder


def main() -> None:
    folder = Path(sys.argv[1])
    patents = int(sys.argv[2]) if len(sys.argv) > 2 else 12
    settings = Settings(port=0, max_upload_bytes=400_000)
    if len(sys.argv) > 3:
        settings = replace(settings, data=str(folder), lvlm_url=sys.argv[3], lvlm_model="eye", lvlm_at_once=1)
    library = fill(folder, TinyEncoder(), patents=patents, settings=settings)
    serve(library.state, on_ready=lambda url: print(f"READY {url}", flush=True))


if __name__ == "__main__":
    main()
