"""From a clean clone to a served page, and the size of the base install: `python -m benchmarks.install`.

Clones the repository that this file lies in, runs `make demo` there on a free port, and waits for the
first page. The package index may answer from a cache; the time of `make` alone is printed beside it.
"""

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        clone = Path(name) / "clone"
        started = time.perf_counter()
        subprocess.run(["git", "clone", "-q", str(REPOSITORY), str(clone)], check=True)
        subprocess.run(["make", ".venv/.installed"], cwd=clone, check=True, stdout=subprocess.DEVNULL)
        installed = time.perf_counter() - started
        packages = next((clone / ".venv" / "lib").glob("python*/site-packages"))
        size = sum(f.stat().st_size for f in packages.rglob("*") if f.is_file() and not f.is_symlink())
        print(f"installed after {installed:.0f} s; site-packages {size / 1e6:.0f} MB (limit 400 MB)")
        subprocess.run(["make", ".venv/.installed-ocr"], cwd=clone, check=True, stdout=subprocess.DEVNULL)
        installed = time.perf_counter() - started
        served = _time_to_page(clone)
        print(f"clean clone to served page: {installed + served:.0f} s (limit 360 s)")


def _time_to_page(clone: Path) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = time.perf_counter()
    command = [str(clone / ".venv/bin/ipatent"), "demo", "--data", str(clone / ".demo"), "--no-browser"]
    process = subprocess.Popen(
        [*command, "--port", str(port)], cwd=clone, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        while time.perf_counter() - started < 900 and process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                    if answer.status == 200:
                        return time.perf_counter() - started
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        raise SystemExit("the demo never served a page")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)


if __name__ == "__main__":
    main()
