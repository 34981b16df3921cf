"""Which encoder: the one asked for, the one that filled the index, or the best that is at hand."""

from collections.abc import Callable
from pathlib import Path

from ipatent.encode import Encoder, EncoderSpec, hub
from ipatent.encode.builtin import NAME as BUILTIN
from ipatent.encode.builtin import BuiltinEncoder
from ipatent.encode.classic import DESCRIPTORS, ClassicEncoder
from ipatent.encode.clip import ClipEncoder
from ipatent.encode.head import FOLDER, AdaptedEncoder, Head, without_head
from ipatent.encode.matching import check_encoder
from ipatent.encode.measuring import Ways
from ipatent.encode.models import DEFAULT, FLAT, MODELS, Layout, Model
from ipatent.errors import EncoderError
from ipatent.settings import Settings

Ask = Callable[[str], bool]
Say = Callable[[str], None]

AUTO = "auto"
HUB = "hf:"
LOCAL = "local-dir:"


def open_encoder(settings: Settings, ask: Ask | None = None, say: Say | None = None) -> Encoder:
    """The encoder that `settings.encoder` names, ready to use.

    `auto` takes the default CLIP model when its weights are on disk, or when the hub answers within
    five seconds and `ask` agrees to the size of the download; else the built-in one. Without `ask`
    nothing is downloaded. A model asked for by name is downloaded where it is missing. `say` is
    told which encoder was taken and why. Raises EncoderError for an unknown name, and for files
    that cannot be had or are damaged.
    """
    say = say or _silent
    if settings.encoder == AUTO:
        return _open_auto(settings, ask, say)
    encoder = _open_named(settings.encoder, settings, say, fetch=True)
    say(f"Encoder: {encoder.spec.name}, as asked for.")
    return encoder


def choose(
    settings: Settings, index_spec: EncoderSpec | None, ask: Ask | None = None, say: Say | None = None
) -> Encoder:
    """The encoder to use with an index, which may be new (`index_spec` None).

    With an index that has been filled, `auto` means the encoder that filled it; nothing is asked or
    downloaded then. Where that was adapted to the collection, the name of the encoder below means it,
    too. Raises EncoderMismatch when the encoder asked for is another than the index's, EncoderError
    when the index's cannot be opened.
    """
    if index_spec is None:
        return open_encoder(settings, ask, say)
    say = say or _silent
    base, digits = without_head(index_spec.name)
    if settings.encoder == AUTO or (digits and settings.encoder == base):
        try:
            encoder = _open_named(index_spec.name, settings, say, fetch=False)
        except EncoderError as error:
            raise EncoderError(
                f"The index was filled by {index_spec.name}, which cannot be opened: {error.message}",
                error.advice,
            ) from None
        check_encoder(index_spec, encoder.spec)
        say(f"Encoder: {encoder.spec.name}, the one that filled the index.")
        return encoder
    encoder = open_encoder(settings, ask, say)
    check_encoder(index_spec, encoder.spec)
    return encoder


def _open_auto(settings: Settings, ask: Ask | None, say: Say) -> Encoder:
    model = MODELS[DEFAULT]
    folder = hub.folder_of(settings.models_dir, model.repository)
    try:
        if hub.is_complete(folder):
            encoder: Encoder = _open_clip(model, settings, folder, say)
            say(f"Encoder: {DEFAULT}, its weights are on disk.")
            return encoder
        if ask is None:
            reason = f"the weights of {DEFAULT} are not on disk; get them with --encoder {DEFAULT}"
        else:
            snapshot = hub.look_up(model.repository, model.layout)
            if ask(f"Download {DEFAULT} ({_size(snapshot.size)}) from {hub.endpoint()}?"):
                hub.download(snapshot, folder, say)
                encoder = _open_clip(model, settings, folder, say)
                say(f"Encoder: {DEFAULT}, just downloaded.")
                return encoder
            reason = f"the download of {DEFAULT} was declined"
    except EncoderError as error:
        reason = f"{DEFAULT} cannot be had. {error}"
    say(f"Encoder: {BUILTIN}, because {reason.rstrip('.')}.")
    return BuiltinEncoder.load(settings.threads, ways=_ways(settings, say))


def _open_named(name: str, settings: Settings, say: Say, fetch: bool) -> Encoder:
    base, digits = without_head(name)
    if digits:
        head = Head.load(settings.data_dir / FOLDER, digits)
        return AdaptedEncoder(_open_named(base, settings, say, fetch), head)
    if name == BUILTIN:
        return BuiltinEncoder.load(settings.threads, ways=_ways(settings, say))
    if name in DESCRIPTORS:
        return ClassicEncoder.load(name)
    if name.startswith(LOCAL):
        return _open_local(Path(name.removeprefix(LOCAL)).expanduser(), settings, say)
    if name.startswith(HUB):
        repository = name.removeprefix(HUB)
        if repository.count("/") != 1 or repository.strip("/") != repository or ".." in repository:
            raise EncoderError(f"{name!r} does not name a repository.", "Write hf:OWNER/REPOSITORY.")
        folder = hub.folder_of(settings.models_dir, repository)
        _have(repository, Layout(), folder, say, fetch)
        return ClipEncoder(name, folder, threads=settings.threads, ways=_ways(settings, say))
    if name not in MODELS:
        known = ", ".join((AUTO, BUILTIN, *DESCRIPTORS, *MODELS, HUB + "OWNER/REPOSITORY", LOCAL + "PATH"))
        raise EncoderError(f"Unknown encoder {name!r}.", f"Known encoders: {known}.")
    model = MODELS[name]
    folder = hub.folder_of(settings.models_dir, model.repository)
    _have(model.repository, model.layout, folder, say, fetch)
    return _open_clip(model, settings, folder, say)


def _have(repository: str, layout: Layout, folder: Path, say: Say, fetch: bool) -> None:
    """See that the repository's files lie complete in `folder`, downloading them if `fetch`."""
    if hub.is_complete(folder):
        hub.check_complete(folder)
        return
    if not fetch:
        raise EncoderError(
            f"the weights of {repository} are not in {folder}.",
            "Download them by naming the encoder with --encoder, "
            "or copy the folder from where the index was made.",
        )
    snapshot = hub.look_up(repository, layout)
    say(f"Downloading {repository} ({_size(snapshot.size)}) from {hub.endpoint()}.")
    hub.download(snapshot, folder, say)


def _open_clip(model: Model, settings: Settings, folder: Path, say: Say) -> Encoder:
    hub.check_complete(folder)
    return ClipEncoder(model.name, folder, model.layout, model, settings.threads, _ways(settings, say))


def _open_local(folder: Path, settings: Settings, say: Say) -> Encoder:
    folder = folder.absolute()
    for layout in (Layout(), FLAT):
        if all((folder / path).is_file() for path in layout.needed):
            name = f"{LOCAL}{folder}"
            return ClipEncoder(name, folder, layout, threads=settings.threads, ways=_ways(settings, say))
    problem = "has no model in it" if folder.is_dir() else "does not exist"
    raise EncoderError(
        f"The folder {folder} {problem}.",
        f"It needs {', '.join(Layout().needed)}, and for texts {', '.join(Layout().needed_for_text)}.",
    )


def _ways(settings: Settings, say: Say) -> Ways:
    return Ways(settings.runtime, settings.precision, folder=settings.models_dir, say=say)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"


def _silent(message: str) -> None:
    pass
