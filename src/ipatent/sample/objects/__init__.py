"""The kinds of object that sample patents show."""

from ipatent.sample.objects.furniture import FURNITURE
from ipatent.sample.objects.household import HOUSEHOLD
from ipatent.sample.objects.kind import Kind

KINDS: dict[str, Kind] = {**FURNITURE, **HOUSEHOLD}
"""All kinds by name."""

__all__ = ["KINDS", "Kind"]
