"""A typed client of a running iPatent: `from ipatent import Client`.

Needs the server's address only; nothing of the engine is loaded.
"""

from ipatent.client.client import Client
from ipatent.client.errors import Absent, ClientError, TimedOut, Unreachable
from ipatent.client.filtering import FilterWords
from ipatent.client.pictures import Picture
from ipatent.client.results import Results

__all__ = [
    "Absent",
    "Client",
    "ClientError",
    "FilterWords",
    "Picture",
    "Results",
    "TimedOut",
    "Unreachable",
]
