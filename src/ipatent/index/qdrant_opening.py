"""Opening an index on Qdrant as the settings say."""

from pathlib import Path

from ipatent.encode import EncoderSpec
from ipatent.errors import SettingsError
from ipatent.index.qdrant import QdrantIndex
from ipatent.index.qdrant_collections import Options
from ipatent.settings import Settings


def open_qdrant(
    url: str, settings: Settings, encoder: EncoderSpec | None = None, create: bool = False
) -> QdrantIndex:
    """The index at `url`; the rest is as in `QdrantIndex.open`."""
    return QdrantIndex.open(
        url, encoder, create, key_in(settings), options_in(settings), settings.qdrant_seconds
    )


def options_in(settings: Settings) -> Options:
    """How collections are laid out and searched."""
    if settings.qdrant_write_consistency > settings.qdrant_replicas:
        raise SettingsError(
            f"The setting qdrant_write_consistency is {settings.qdrant_write_consistency}, but there are only"
            f" {settings.qdrant_replicas} replicas.",
            "Set it to the number of replicas or less.",
        )
    return Options(
        m=settings.qdrant_m,
        ef_construct=settings.qdrant_ef_construct,
        ef=settings.qdrant_ef,
        oversampling=settings.qdrant_oversampling,
        shards=settings.qdrant_shards,
        replicas=settings.qdrant_replicas,
        write_consistency=settings.qdrant_write_consistency,
    )


def key_in(settings: Settings) -> str:
    """The server's key; empty where there is none."""
    if not settings.qdrant_key_file:
        return settings.qdrant_key
    try:
        return Path(settings.qdrant_key_file).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, RuntimeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The key file {settings.qdrant_key_file} cannot be read: {type(error).__name__}.",
            "Check the setting qdrant_key_file.",
        ) from None
