"""Classification symbols (CPC, IPC, Locarno, USPC) split into the levels that people filter by."""

import re
from dataclasses import dataclass
from typing import Literal

Scheme = Literal["CPC", "IPC", "LOC", "USPC"]

_CPC = re.compile(r"^([A-HY])\s*(\d{2})\s*([A-Z])(?:\s*(\d{1,4})\s*/\s*(\d{2,6}))?")
_LOCARNO = re.compile(r"^(\d{1,2})\s*[-–.]\s*(\d{2})\b")
_USPC = re.compile(r"^(D?\s?\d{1,3}|PLT|G9B)\s*/\s*([\d.]+[A-Z]{0,3}|DIG\.?\s?\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Classification:
    """One symbol of one scheme with its levels; a level that the scheme lacks is empty.

    CPC/IPC `A47G 21/16`: section `A`, class_ `A47`, subclass `A47G`.
    Locarno `07-06`: class_ `07`, subclass `07-06`. USPC `D7/631`: class_ `D7`, subclass `D7/631`.
    """

    scheme: Scheme
    symbol: str
    section: str = ""
    class_: str = ""
    subclass: str = ""

    @classmethod
    def parse(cls, scheme: Scheme, text: str) -> "Classification":
        """The symbol that `text` begins with; raises ValueError when it holds none."""
        compact = " ".join(text.upper().split())
        if scheme in ("CPC", "IPC") and (found := _CPC.match(compact)):
            section, class_, subclass, group, subgroup = found.groups()
            stem = f"{section}{class_}{subclass}"
            symbol = f"{stem} {group}/{subgroup}" if group else stem
            return cls(scheme, symbol, section, f"{section}{class_}", stem)
        if scheme == "LOC" and (found := _LOCARNO.match(compact)):
            class_ = f"{int(found.group(1)):02d}"
            symbol = f"{class_}-{found.group(2)}"
            return cls(scheme, symbol, "", class_, symbol)
        if scheme == "USPC" and (found := _USPC.match(compact)):
            class_ = found.group(1).replace(" ", "")
            symbol = f"{class_}/{found.group(2)}"
            return cls(scheme, symbol, "", class_, symbol)
        raise ValueError(f"{text!r} is not a {scheme} symbol")
