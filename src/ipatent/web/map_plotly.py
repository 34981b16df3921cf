"""Plotly for the browser: the script that the installed `plotly` wheel brings, at an address of ours.

It is read from the wheel when it is first asked for and kept packed, as it has five million bytes.
It runs under the policy of all our pages, without `unsafe-eval` and `unsafe-inline`: `scatter` (SVG)
and `scatter3d` need neither. `scattergl` compiles code at run time, so it is not used. Two style
sheets that it would write into the page are held back by elements of their ids: its own, whose few
rules that matter stand in `map.css`, and that of a geographic map.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from ipatent.errors import NotFound

ADVICE = "On the server: pip install 'ipatent[clusters]'"
_GUARDED = re.compile(rb'getElementById\("([0-9a-f]{64})"\)')
_OWN_STYLE = "plotly.js-style-global"


@dataclass(frozen=True, slots=True)
class Plotly:
    """The script: gzipped bytes, the address to load it from, and ids of the styles to be held back."""

    packed: bytes
    url: str
    style_ids: tuple[str, ...]

    @property
    def unpacked(self) -> bytes:
        """The script as it is in the wheel."""
        return gzip.decompress(self.packed)


def plotly_path() -> Path | None:
    """The script of the installed wheel; None where there is none."""
    found = find_spec("plotly")
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder) / "package_data" / "plotly.min.js"
        if path.is_file():
            return path
    return None


def plotly_script() -> Plotly:
    """The script of the installed wheel. Raises NotFound where it is not installed."""
    path = plotly_path()
    if path is None:
        raise NotFound("Plotly, which draws the map, is not installed.", ADVICE)
    return _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, _changed: int) -> Plotly:
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()[:12]
    guarded = sorted({found.decode() for found in _GUARDED.findall(data)})
    return Plotly(gzip.compress(data, 6, mtime=0), f"/map/plotly-{digest}.js", (_OWN_STYLE, *guarded))
