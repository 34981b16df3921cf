"""Judge hits and write qrels and topics for TREC's tools: `judge_to_qrels.py URL FOLDER WORDS GRADE...`.

The grades are those of the best hits, in their order: 2 relevant, 1 partly, 0 not.
"""

import sys
from pathlib import Path

from ipatent import Client
from ipatent.client.keeping import NOT, PARTLY, RELEVANT

GRADES = {"2": RELEVANT, "1": PARTLY, "0": NOT}


def main(url: str, folder: str, words: str, *grades: str) -> None:
    with Client(url) as client:
        found = client.search(words, k=20)
        for hit, grade in zip(found.top(len(grades)), grades, strict=True):
            said = client.judgements.judge(found, hit, GRADES[grade])
        print(said.sentence)
        (Path(folder) / "judgements.qrels").write_text(client.judgements.qrels(found), encoding="utf-8")
        (Path(folder) / "judgements.topics").write_text(client.judgements.topics(), encoding="utf-8")
        (Path(folder) / "search.run").write_bytes(client.records.export(found, "run"))


if __name__ == "__main__":
    main(*sys.argv[1:])
