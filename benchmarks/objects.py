"""Objects of 5 to 50 kB put and got, in a folder and in a bucket: python -m benchmarks.objects

Starts the S3 server that `python -m tools.servers` fetched, on this machine, so the network costs nothing.
Processor time is that of this process: what the server uses comes on top.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from ipatent.bucket import Bucket
from ipatent.objects import Objects
from office_servers import KEY, SECRET, s3_server

_AT_ONCE = 16
"""Objects of one call, as a reader stores those of a sheet."""


def timed(call: Callable[[], object], number: int) -> tuple[float, float]:
    """How many a second, and milliseconds of the processor for each."""
    clock, processor = time.perf_counter(), time.process_time()
    call()
    return number / (time.perf_counter() - clock), (time.process_time() - processor) / number * 1000


def measure(objects: Objects, contents: Sequence[bytes]) -> dict[str, tuple[float, float]]:
    """Rates by what was done."""
    groups = [contents[at : at + _AT_ONCE] for at in range(0, len(contents), _AT_ONCE)]
    names: list[str] = []

    def get(each: Sequence[str]) -> None:
        for name in each:
            objects.get(name)

    found = {
        "put, new": timed(lambda: [names.extend(objects.put_all(group)) for group in groups], len(contents))
    }
    found["put, there already"] = timed(lambda: [objects.put_all(group) for group in groups], len(contents))
    found["get, one by one"] = timed(lambda: get(names), len(names))
    named = [names[at : at + _AT_ONCE] for at in range(0, len(names), _AT_ONCE)]
    found[f"get, {_AT_ONCE} at once"] = timed(lambda: [objects.get_all(group) for group in named], len(names))
    return found


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=2000, help="how many objects")
    number = parser.parse_args().number
    chance = random.Random(1)
    contents = [chance.randbytes(chance.randrange(5_000, 50_000)) for _ in range(number)]
    os.environ |= {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    with tempfile.TemporaryDirectory() as room, s3_server(Path(room)) as server:
        server.make_bucket("objects")
        place = Bucket("s3://objects/measured", server.endpoint)
        Objects.open(place).put_all([b"%d" % n for n in range(200)])  # the server makes its volumes
        local = measure(Objects.open(Path(room) / "objects"), contents)
        remote = measure(Objects.open(place), contents)
    heading = "folder, per s | bucket, per s | bucket : folder | bucket, CPU ms"
    print(f"| {number:,} objects of 5–50 kB | {heading} |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for what, (rate, _) in local.items():
        other, processor = remote[what]
        print(f"| {what} | {rate:,.0f} | {other:,.0f} | {other / rate:.2f} | {processor:.2f} |")


if __name__ == "__main__":
    main()
