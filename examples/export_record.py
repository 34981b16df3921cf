"""Search, and keep the proof of it as PDF and JSON: `export_record.py URL FOLDER WORDS`."""

import sys
from pathlib import Path

from ipatent import Client


def main(url: str, folder: str, words: str) -> None:
    with Client(url) as client:
        found = client.search(words, k=25)
        record = client.records.get(found)
        for form in ("pdf", "json"):
            file = Path(folder) / f"{found.first.record}.{form}"
            file.write_bytes(client.records.export(found, "pdf" if form == "pdf" else "json"))
            print(f"Written: {file}")
        print(f"The hash on each page of the PDF: {record.subject_sha256}")
        change = client.records.replay(found)
        print(f"Asked again: {change.sentence}")


if __name__ == "__main__":
    main(*sys.argv[1:])
