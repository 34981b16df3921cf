"""The error when an index and an encoder do not belong together."""

from ipatent.encode import EncoderSpec
from ipatent.errors import EncoderMismatch


def mismatch(stored: EncoderSpec, given: EncoderSpec) -> EncoderMismatch:
    return EncoderMismatch(
        f"The index was filled by the encoder {describe(stored)}, not by {describe(given)}.",
        f"Use --encoder {stored.name}, or encode everything again: ipatent ingest --reencode PATH.",
    )


def describe(spec: EncoderSpec) -> str:
    """An encoder's name with what tells it from another of the same name."""
    return f"{spec.name} (weights {spec.weights[:12]}, preprocessing {spec.preprocessing})"
