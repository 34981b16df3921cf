"""A grid of 100 in a real browser: `python -m benchmarks.grid [--data DIR] [--runs 5]`.

Serves an index (by default one of 40 generated patents, made first) as its own process, opens searches in
a Chromium with an empty cache, and prints medians: compressed HTML, bytes with all thumbnails, and the time
until every thumbnail is decoded. The baseline of the ratio is the page's own HTML, fetched without a browser.
"""

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Response, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WORDS = ("perspective view", "chair", "front elevational view", "housing", "sectional view")
WAIT = """async () => {
  const images = [...document.querySelectorAll('.hit img')];
  for (const image of images) image.loading = 'eager';
  await Promise.all(images.map((image) => image.decode()));
  return [images.length, performance.now()];
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a data folder with an index of 100 figures or more")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = os.environ.get("TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not chromium:
        print("no Chromium is installed: not measured")
        return
    command = [sys.executable, "-m", "ipatent"]
    with tempfile.TemporaryDirectory() as name:
        data = options.data or Path(name)
        if not options.data:
            subprocess.run([*command, "sample", f"{name}/sample", "--patents", "40"], check=True)
            ingest = [*command, "ingest", f"{name}/sample", "--data", name, "--encoder", "builtin"]
            subprocess.run(ingest, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        serve = [*command, "serve", "--data", str(data), "--port", "0"]
        server = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
        try:
            url = next(word for line in server.stdout or () for word in line.split() if "http://" in word)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
                _measure(browser, url, options.runs)
                browser.close()
        finally:
            server.terminate()
            server.wait(10)


def _measure(browser: Browser, url: str, runs: int) -> None:
    complete, html_bytes, all_bytes, fetched, count = [], [], [], [], 0
    for run in range(runs):
        address = f"{url}/search?k=100&q={WORDS[run % len(WORDS)].replace(' ', '+')}"
        started = time.perf_counter()
        with urllib.request.urlopen(address) as answer:
            html = answer.read()
        fetched.append((time.perf_counter() - started) * 1000)
        html_bytes.append(len(gzip.compress(html)))
        context = browser.new_context()
        page = context.new_page()
        answers: list[Response] = []
        page.on("response", lambda answer, kept=answers: kept.append(answer))
        page.goto(address)
        count, milliseconds = page.evaluate(WAIT)
        complete.append(milliseconds)
        all_bytes.append(sum(len(answer.body()) for answer in answers if "/thumbnails/" in answer.url))
        context.close()
    html, thumbnails, seconds = median(html_bytes) / 1000, median(all_bytes) / 1000, median(complete)
    print(f"HTML of {count} results, compressed   {html:6.1f} kB   (limit 60)")
    print(f"with all thumbnails                 {html + thumbnails:6.0f} kB   (limit 1000)")
    print(f"complete in the browser             {seconds:6.0f} ms   (limit 1000)")
    print(f"HTML alone, without a browser       {median(fetched):6.0f} ms")
    print(f"ratio                               {seconds / median(fetched):6.1f}")


if __name__ == "__main__":
    main()
