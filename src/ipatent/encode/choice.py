"""Which encoder: the one asked for, the one that filled the index, or the best that is at hand."""

from collections.abc import Callable

from ipatent.encode import Encoder, EncoderSpec
from ipatent.encode.builtin import NAME as BUILTIN
from ipatent.encode.builtin import BuiltinEncoder
from ipatent.errors import EncoderError, EncoderMismatch
from ipatent.settings import Settings

Ask = Callable[[str], bool]
Say = Callable[[str], None]

AUTO = "auto"


def open_encoder(settings: Settings, ask: Ask | None = None, say: Say | None = None) -> Encoder:  # noqa: ARG001
    """The encoder that `settings.encoder` names, ready to use.

    `say` is told which one was taken and why. Raises EncoderError for an unknown name and for
    files that are missing or damaged.
    """
    say = say or _silent
    if settings.encoder in (AUTO, BUILTIN):
        say("Encoder: builtin.")
        return BuiltinEncoder.load(settings.threads)
    raise EncoderError(f"Unknown encoder {settings.encoder!r}.", f"Known encoders: {AUTO}, {BUILTIN}.")


def check_matches(index_spec: EncoderSpec, encoder_spec: EncoderSpec) -> None:
    """Raises EncoderMismatch, naming both and what to do, unless the two give equal vectors."""
    if index_spec == encoder_spec:
        return
    raise EncoderMismatch(
        f"The index was filled by {describe(index_spec)}, "
        f"but the encoder in use is {describe(encoder_spec)}.",
        f"Search with --encoder {index_spec.name}, or encode all figures anew with: "
        f"ipatent ingest --re-encode PATH...",
    )


def describe(spec: EncoderSpec) -> str:
    """A spec in words: name, first digits of the weights' hash, preprocessing version."""
    return f"{spec.name} (weights {spec.weights[:12]}, preprocessing {spec.preprocessing})"


def _silent(message: str) -> None:
    pass
