"""The grid in a real browser: `python -m benchmarks.grid [--figures 40000] [--data DIR] [--runs 7]`.

Serves an index of 40,000 figures (see `benchmarks.desk`; the first run makes it) as its own process. In
a Chromium, words are typed into the search field of a page of results, and Enter is pressed. Prints
medians of the time from that key until

- `complete`: the page is parsed with all its tiles, the thumbnails in view are decoded, and a frame with
  them was handed to the screen: what somebody who looks at the page waits for. Thumbnails farther down
  than the browser looks ahead come while the page is scrolled;
- `all`: every thumbnail of the page was fetched, as if the reader jumped to its end at once. To see this,
  they are asked for all together when the page is complete; how long that takes is bounded by the
  browser, which has six connections to a server and takes 1 to 2 ms of its own for each picture;

the bytes, compressed as a browser asks for them; and processor time of the server for the page alone and
for one thumbnail. The baseline of the ratio is the page's own HTML, fetched without a browser. Load from
other programs lengthens all times: the load average is printed, and should be small at the beginning.
"""

import argparse
import gzip
import os
import shutil
import time
import urllib.request
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Response, sync_playwright

from benchmarks.desk import cpu_seconds, data_folder, questions, served

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LIMITS = {100: (400, 24), 500: (900, 95)}
"""For so many results: milliseconds until complete, kB of compressed HTML."""
IN_VIEW = """async () => {
  if (document.readyState === 'loading')
    await new Promise((done) => document.addEventListener('DOMContentLoaded', done, {once: true}));
  const images = [...document.querySelectorAll('.hit img')];
  // A box is asked for only of tiles up to the first below the view, since asking lays a tile out.
  const below = images.findIndex((image) => image.closest('.hit').getBoundingClientRect().top >= innerHeight);
  const seen = below < 0 ? images : images.slice(0, below);
  await Promise.all(seen.map((image) => image.decode()));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return [images.length, seen.length, performance.timeOrigin + performance.now()];
}"""
ALL = """async () => {
  const images = [...document.querySelectorAll('.hit img')];
  const missing = images.filter((image) => !(image.complete && image.naturalWidth));
  await Promise.all(missing.map((image) => new Promise((done, failed) => {
    image.addEventListener('load', done, {once: true});
    image.addEventListener('error', failed, {once: true});
    image.loading = 'eager';
  })));
  return [missing.length, performance.timeOrigin + performance.now()];
}"""
PRESSED = """() => {
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') sessionStorage.setItem('pressed', performance.timeOrigin + event.timeStamp);
  }, true);
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a data folder with an index of 500 figures or more")
    parser.add_argument("--figures", type=int, default=40_000)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = os.environ.get("TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not chromium:
        print("no Chromium is installed: not measured")
        return
    data = options.data or data_folder(options.figures)
    with served(data) as (url, process), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        print(f"{'results':>7} {'in view':>8} {'complete':>9} {'limit':>6} {'all':>7}", end="")
        print(f" {'HTML alone':>11} {'ratio':>6} {'server CPU':>11} {'a picture':>10}", end="")
        print(f" {'HTML':>8} {'limit':>6} {'pictures':>9}  load average {os.getloadavg()[0]:.1f}")
        for k in LIMITS:
            _measure(browser, url, process, k, options.runs)
        browser.close()


def _measure(browser: Browser, url: str, process: int, k: int, runs: int) -> None:
    complete, everything, html_bytes, picture_bytes, fetched, spent = [], [], [], [], [], []
    each_picture = []
    count = in_view = 0
    words = questions(2 * runs + 2, seed=k)
    for run in range(runs + 1):
        address = f"{url}/search?k={k}&q={words[2 * run].replace(' ', '+')}"
        asked = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
        cpu, started = cpu_seconds(process), time.perf_counter()
        with urllib.request.urlopen(asked) as answer:
            html = answer.read()
        alone, used = (time.perf_counter() - started) * 1000, (cpu_seconds(process) - cpu) * 1000
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(f"{url}/search?k={k}&q=housing")
        page.evaluate(IN_VIEW)
        page.wait_for_load_state("load")
        answers: list[Response] = []
        page.on("response", lambda answer, kept=answers: kept.append(answer))
        page.evaluate(PRESSED)
        page.fill("#q", words[2 * run + 1])
        with page.expect_navigation(wait_until="commit"):
            page.press("#q", "Enter", no_wait_after=True)
        count, in_view, shown = page.evaluate(IN_VIEW)
        cpu = cpu_seconds(process)
        missing, whole = page.evaluate(ALL)
        cpu = (cpu_seconds(process) - cpu) * 1000
        pressed = float(page.evaluate("() => sessionStorage.getItem('pressed')"))
        if run:  # the first warms up
            fetched.append(alone)
            spent.append(used)
            html_bytes.append(len(html if html[:2] == b"\x1f\x8b" else gzip.compress(html)))
            complete.append(shown - pressed)
            everything.append(whole - pressed)
            each_picture.append(cpu / max(1, missing))
            picture_bytes.append(
                sum(
                    int(answer.headers.get("content-length", 0))
                    for answer in answers
                    if "/thumbnails/" in answer.url
                )
            )
        context.close()
    limit, most = LIMITS[k]
    print(
        f"{count:7} {in_view:8} {median(complete):6.0f} ms {limit:6} {median(everything):4.0f} ms"
        f" {median(fetched):8.0f} ms {median(complete) / median(fetched):6.1f} {median(spent):8.0f} ms"
        f" {median(each_picture):7.2f} ms"
        f" {median(html_bytes) / 1000:5.1f} kB {most:6} {median(picture_bytes) / 1000:6.0f} kB",
        flush=True,
    )


if __name__ == "__main__":
    main()
