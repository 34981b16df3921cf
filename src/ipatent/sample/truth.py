"""What is known of a sample patent: its family, figures, labels, numerals and their boxes, as JSON."""

import json
from collections.abc import Sequence

from ipatent.sample.sheet import HEIGHT, WIDTH, DrawnSheet
from ipatent.sample.story import Story


def truth_json(
    story: Story,
    sheets: Sequence[DrawnSheet],
    *,
    family: str,
    member: int,
    kind: str,
    terms: dict[str, str],
    text_layer: bool,
) -> str:
    """The ground truth of one patent. Boxes are [x, y, width, height] in pixels of the sheet at 300 dpi.

    `turn` is by how many degrees clockwise a figure must be turned to stand upright.
    """
    return json.dumps(
        {
            "number": story.number,
            "display": story.display,
            "type": "design" if story.design else "utility",
            "family": family,
            "member": member,
            "kind": kind,
            "title": story.title,
            "published": story.published.isoformat(),
            "filed": story.filed.isoformat(),
            "applicant": story.applicant,
            "inventors": [f"{given} {name}" for given, name, _ in story.inventors],
            "cpc": list(story.cpc),
            "locarno": story.locarno if story.design else "",
            "uspc": list(story.uspc) if story.design else [],
            "abstract": story.abstract,
            "text_layer": text_layer,
            "terms": terms,
            "sheets": [
                {
                    "number": number,
                    "width": WIDTH,
                    "height": HEIGHT,
                    "rotated": sheet.rotated,
                    "header_box": list(sheet.header_box),
                    "figures": [
                        {
                            "label": figure.label,
                            "label_text": figure.label_text,
                            "label_box": list(figure.label_box),
                            "box": list(figure.box),
                            "turn": 90 if sheet.rotated else 0,
                            "view": figure.view,
                            "figure_type": figure.figure_type,
                            "caption": figure.caption,
                            "numerals": [
                                {"numeral": n.numeral, "term": n.term, "box": list(n.box)}
                                for n in figure.numerals
                            ],
                        }
                        for figure in sheet.figures
                    ],
                }
                for number, sheet in enumerate(sheets, 1)
            ],
        },
        indent=1,
        ensure_ascii=False,
    )
