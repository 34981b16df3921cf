"""The kinds of object that sample patents show."""

from ipatent.sample.objects.apparatus import APPARATUS
from ipatent.sample.objects.appliances import APPLIANCES
from ipatent.sample.objects.clamping import CLAMPING
from ipatent.sample.objects.craft import CRAFT
from ipatent.sample.objects.fittings import FITTINGS
from ipatent.sample.objects.furniture import FURNITURE
from ipatent.sample.objects.hardware import HARDWARE
from ipatent.sample.objects.kind import Kind
from ipatent.sample.objects.machines import MACHINES
from ipatent.sample.objects.storage import STORAGE
from ipatent.sample.objects.tools import TOOLS
from ipatent.sample.objects.toys import TOYS
from ipatent.sample.objects.vehicles import VEHICLES
from ipatent.sample.objects.vessels import VESSELS

KINDS: dict[str, Kind] = {
    **FURNITURE,
    **STORAGE,
    **FITTINGS,
    **VESSELS,
    **TOYS,
    **TOOLS,
    **CLAMPING,
    **MACHINES,
    **HARDWARE,
    **APPARATUS,
    **APPLIANCES,
    **VEHICLES,
    **CRAFT,
}
"""All kinds by name."""

__all__ = ["KINDS", "Kind"]
