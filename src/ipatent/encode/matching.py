"""Whether an index and an encoder belong together, and the error when they do not."""

from dataclasses import replace

from ipatent.encode import EncoderSpec
from ipatent.encode.head import without_head
from ipatent.encode.runtimes import FULL
from ipatent.errors import EncoderMismatch


def check_encoder(stored: EncoderSpec, given: EncoderSpec) -> None:
    """Raises EncoderMismatch, naming both and the way out, unless both give the same vectors.

    The name does not matter: a folder of weights may have been moved.
    """
    if replace(stored, name=given.name) == given:
        return
    below, _ = without_head(given.name)
    if stored.preprocessing.partition("+")[0] == given.preprocessing.partition("+")[0] and (
        replace(stored, name=given.name, preprocessing=given.preprocessing) == given
    ):
        exact = stored.preprocessing.partition("+")[2] or FULL
        raise EncoderMismatch(
            f"The index was filled by the encoder {describe(stored)}, not by {describe(given)}.",
            f"Set precision to {exact} (--set precision={exact}), or encode all figures anew with: "
            f"ipatent ingest --re-encode --encoder {below}",
        )
    raise EncoderMismatch(
        f"The index was filled by the encoder {describe(stored)}, not by {describe(given)}.",
        f"Encode all figures anew with: ipatent ingest --re-encode --encoder {below}"
        if stored.name == given.name
        else f"Use --encoder {stored.name}, or encode all figures anew with: "
        f"ipatent ingest --re-encode --encoder {below}",
    )


def describe(spec: EncoderSpec) -> str:
    """An encoder's name with what tells it from another of the same name."""
    return f"{spec.name} (weights {spec.weights[:12]}, preprocessing {spec.preprocessing})"
