"""The kinds of object that sample patents show."""

from ipatent.sample.objects.apparatus import APPARATUS
from ipatent.sample.objects.furniture import FURNITURE
from ipatent.sample.objects.household import HOUSEHOLD
from ipatent.sample.objects.kind import Kind
from ipatent.sample.objects.machines import MACHINES
from ipatent.sample.objects.tools import TOOLS
from ipatent.sample.objects.vehicles import VEHICLES

KINDS: dict[str, Kind] = {**FURNITURE, **HOUSEHOLD, **TOOLS, **MACHINES, **APPARATUS, **VEHICLES}
"""All kinds by name."""

__all__ = ["KINDS", "Kind"]
