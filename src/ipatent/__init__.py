"""iPatent: a self-hosted search engine for patent drawings."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipatent.client import Client

__all__ = ["Client", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Loaded when it is asked for, so that nothing happens at import.
    if name == "Client":
        from ipatent.client import Client

        return Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
