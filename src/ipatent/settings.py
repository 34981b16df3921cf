"""Settings: one table of name, type, default and help; read from a file, the environment, then flags."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ipatent.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its value. `TABLE` says what each is for."""

    data: str = "~/.local/share/ipatent"
    encoder: str = "auto"
    models: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    stop_seconds: float = 20.0
    metrics: str = "auto"
    log_format: str = "text"
    log_level: str = ""
    log_clients: int = 0
    k: int = 100
    max_k: int = 500
    max_clustered: int = 5000
    text_weight: float = 0.5
    candidates: int = 1000
    rerank: str = ""
    synonyms: str = "off"
    max_query_chars: int = 2000
    max_upload_bytes: int = 30_000_000
    max_upload_pixels: int = 60_000_000
    max_file_bytes: int = 1_000_000_000
    max_sheet_pixels: int = 80_000_000
    max_pages: int = 1000
    seconds_per_file: int = 300
    processes: int = 0
    threads: int = 0
    runtime: str = "onnxruntime"
    precision: str = "full"
    thumbnail: int = 320
    objects: str = ""
    objects_endpoint: str = ""
    objects_region: str = ""
    objects_key_file: str = ""
    objects_seconds: float = 30.0
    objects_link_seconds: int = 0
    objects_link_endpoint: str = ""
    records: str = field(default="", repr=False)
    records_password: str = field(default="", repr=False)
    records_password_file: str = ""
    keep_records_days: int = 0
    report_font: str = ""
    keep_uploads_days: int = 30
    index: str = ""
    qdrant_key: str = field(default="", repr=False)
    qdrant_key_file: str = ""
    qdrant_seconds: float = 30.0
    qdrant_ef: int = 256
    qdrant_oversampling: float = 2.0
    qdrant_m: int = 16
    qdrant_ef_construct: int = 128
    qdrant_shards: int = 0
    qdrant_replicas: int = 1
    qdrant_write_consistency: int = 1
    lvlm_url: str = ""
    lvlm_model: str = ""
    lvlm_key: str = field(default="", repr=False)
    lvlm_key_file: str = ""
    lvlm_language: str = "auto"
    lvlm_seconds: float = 60.0
    lvlm_page_seconds: float = 180.0
    lvlm_at_once: int = 2
    lvlm_figures: int = 5
    lvlm_pixels: int = 768
    lvlm_max_tokens: int = 300
    lvlm_reranked: int = 20

    @property
    def data_dir(self) -> Path:
        """The data folder with `~` expanded."""
        return _expanded("data", self.data)

    @property
    def models_dir(self) -> Path:
        """Where downloaded models lie."""
        return _expanded("models", self.models) if self.models else self.data_dir / "models"


@dataclass(frozen=True, slots=True)
class Row:
    """One documented setting: what it is for, and the range of numbers or the texts that are allowed."""

    help: str
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def range(self) -> str:
        """The numbers or texts allowed, in words; empty for any text."""
        if self.choices:
            return ", ".join(choice or "empty" for choice in self.choices)
        if self.least is None:
            return ""
        least = f"{self.least:,}"
        return f"from {least} to {self.most:,}" if self.most is not None else f"at least {least}"


TABLE: dict[str, Row] = {
    "data": Row("Folder that holds the index, the drawings and downloaded models."),
    "encoder": Row("Which encoder: auto, builtin, a model's name, hf:OWNER/REPOSITORY or local-dir:PATH."),
    "models": Row("Folder for downloaded models; empty means `models` inside the data folder."),
    "host": Row("Address that the server listens on."),
    "port": Row("Port that the server listens on; 0 takes any free one.", 0, 65535),
    "workers": Row("Processes that answer requests behind the port.", 1, 256),
    "stop_seconds": Row(
        "How long a server that is told to stop finishes the requests in flight, in seconds.", 0.1, 600
    ),
    "metrics": Row(
        "Whether /metrics is answered, for Prometheus; auto: where the server listens on this machine alone.",
        choices=("auto", "on", "off"),
    ),
    "log_format": Row(
        "How the server's log is written: for people, or one line of JSON each.", choices=("text", "json")
    ),
    "log_level": Row(
        "What the server logs at least; info logs every request. Empty is info for json, warning for text.",
        choices=("", "debug", "info", "warning", "error"),
    ),
    "log_clients": Row(
        "1 writes the address of who asked into the lines of requests, 0 leaves it out.", 0, 1
    ),
    "k": Row("How many results a search returns when it does not say.", 1, 10_000),
    "max_k": Row("The largest number of results that one search may ask for.", 1, 10_000),
    "max_clustered": Row("The largest number of results that are clustered or drawn on a map.", 1, 10_000),
    "text_weight": Row("How much words count against the picture when a query has both: 0 to 1.", 0, 1),
    "candidates": Row("How many figures each part of a query brings into the common ranking.", 10, 100_000),
    "rerank": Row(
        "Second looks at a ranking by pictures: expansion, augmentation, kreciprocal, patches, siblings,"
        " with commas between several; empty means none."
    ),
    "synonyms": Row(
        "Whether words also find other words for them, as the indexed patents use them, at a lower weight.",
        choices=("on", "off"),
    ),
    "max_query_chars": Row("Longest text query, in characters.", 10, 100_000),
    "max_upload_bytes": Row("Largest picture that may be uploaded, in bytes.", 1000),
    "max_upload_pixels": Row("Largest picture that may be uploaded, in pixels.", 10_000),
    "max_file_bytes": Row("Largest file that ingest reads, in bytes.", 1000),
    "max_sheet_pixels": Row("Largest sheet or image that ingest reads, in pixels.", 10_000),
    "max_pages": Row("Most pages that ingest reads of one document.", 1),
    "seconds_per_file": Row("Longest time that ingest spends on reading one file, in seconds.", 1, 1_000_000),
    "processes": Row("Reader processes of an ingest; 0 means one per core.", 0, 1024),
    "threads": Row("Threads of the encoder; 0 means one per core.", 0, 1024),
    "runtime": Row(
        "What runs the encoder's picture model; auto measures what is installed, once, and takes the fastest"
        " that gives the same vectors.",
        choices=("auto", "onnxruntime", "openvino", "cuda", "tensorrt"),
    ),
    "precision": Row(
        "Numbers inside the picture model; bf16 is faster on some processors, needs OpenVINO, and gives"
        " vectors of another version.",
        choices=("full", "bf16"),
    ),
    "thumbnail": Row("Longer side of thumbnails, in pixels.", 64, 1024),
    "objects": Row(
        "Where drawings and uploads are kept: s3://BUCKET/PREFIX; empty means the folders `objects` and"
        " `uploads` inside the data folder."
    ),
    "objects_endpoint": Row(
        "Address of the S3 server, e.g. http://localhost:8333; empty means AWS_ENDPOINT_URL, or Amazon's."
    ),
    "objects_region": Row("Region of the bucket; empty means AWS_REGION, or us-east-1."),
    "objects_key_file": Row(
        "File that holds the key of the bucket, as lines aws_access_key_id = … and aws_secret_access_key = …;"
        " it goes before AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
    ),
    "objects_seconds": Row(
        "How long a write waits, in seconds, while the bucket does not answer; pages wait 6 at most.",
        0.1,
        3600,
    ),
    "objects_link_seconds": Row(
        "How long addresses are valid, in seconds, by which browsers fetch drawings from the bucket"
        " themselves; 0 means that this server sends them.",
        0,
        604_800,
    ),
    "objects_link_endpoint": Row(
        "Address of the S3 server as browsers reach it, where it is another than objects_endpoint."
    ),
    "records": Row(
        "Database of search records, collections and judgements: postgresql://USER@HOST/DATABASE, or another"
        " URL of SQLAlchemy; empty means `records.sqlite` inside the data folder."
    ),
    "records_password": Row(
        "Password for that database, better given as IPATENT_RECORDS_PASSWORD; empty where it needs none."
    ),
    "records_password_file": Row(
        "File that holds the password for that database; it goes before records_password."
    ),
    "keep_records_days": Row(
        "Search records older than this many days are deleted, unless a collection refers to them; 0 keeps"
        " them for ever.",
        0,
        36_500,
    ),
    "keep_uploads_days": Row(
        "Uploaded pictures that no search used for this many days are deleted, unless a stored search names"
        " them; 0 keeps them for ever.",
        0,
        36_500,
    ),
    "index": Row(
        "Where the index is: qdrant://HOST:6334, several nodes as qdrant://HOST1:6334,HOST2:6334, with a name"
        " of its own as qdrant://HOST:6334/NAME, by TLS as qdrants://; empty means a file in the data folder."
    ),
    "qdrant_key": Row(
        "Key of the Qdrant server, better given as IPATENT_QDRANT_KEY; empty where it needs none."
    ),
    "qdrant_key_file": Row("File that holds the key of the Qdrant server; it goes before qdrant_key."),
    "qdrant_seconds": Row(
        "How long a write waits, in seconds, while no node of Qdrant answers; reads wait 6 at most.",
        0.1,
        3600,
    ),
    "qdrant_ef": Row(
        "Figures that Qdrant looks at per search, at least: more find better, slower.", 16, 4096
    ),
    "qdrant_oversampling": Row(
        "How many times more candidates than asked for Qdrant compares by full vectors.", 1, 16
    ),
    "qdrant_m": Row("Links per figure in Qdrant's graph, when an index is made.", 4, 128),
    "qdrant_ef_construct": Row("Figures looked at to link one, when an index is made.", 16, 4096),
    "qdrant_shards": Row("Parts of an index over the nodes, when it is made; 0 means one per node.", 0, 1024),
    "qdrant_replicas": Row("On how many nodes each part lies, when an index is made.", 1, 16),
    "qdrant_write_consistency": Row(
        "How many of these must have written before a write counts as done, when an index is made.", 1, 16
    ),
    "lvlm_url": Row(
        "OpenAI-compatible endpoint that writes titles of clusters, e.g. http://localhost:11434/v1; empty"
        " means that titles are extracted."
    ),
    "lvlm_model": Row("Model that the endpoint shall use; it must see pictures."),
    "lvlm_key": Row("Key for the endpoint, better given as IPATENT_LVLM_KEY; empty where it needs none."),
    "lvlm_key_file": Row("File that holds the key for the endpoint; it goes before lvlm_key."),
    "lvlm_language": Row(
        "Language of generated titles and reasons, as a code: en, de, fr; auto means that of the page."
    ),
    "lvlm_seconds": Row("Longest time for one generated title, in seconds.", 1, 3600),
    "lvlm_page_seconds": Row(
        "Longest time for all generated titles, or for the re-ranking, of a page, in seconds.", 1, 3600
    ),
    "lvlm_at_once": Row(
        "How many questions a server process puts to the model at the same time, for all pages.", 1, 64
    ),
    "lvlm_figures": Row(
        "How many figures of a cluster the model is shown, or of the results at a time.", 1, 20
    ),
    "lvlm_pixels": Row("Longer side of the pictures that the model is shown, in pixels.", 128, 2048),
    "lvlm_max_tokens": Row("Longest answer of the model, in tokens.", 50, 4000),
    "lvlm_reranked": Row("How many of the best results the model re-ranks, with a reason for each.", 2, 100),
    "report_font": Row(
        "TrueType font file for PDF reports, for scripts that no built-in font has; empty means the fonts"
        " found on this machine."
    ),
}

FILE_NAME = "ipatent.toml"


def markdown_table() -> str:
    """The settings as a table for the documentation."""
    lines = ["| setting | default | allowed | what it is for |", "| --- | --- | --- | --- |"]
    for one in fields(Settings):
        row = TABLE[one.name]
        default = f"`{one.default}`" if one.default != "" else "empty"
        lines.append(f"| `{one.name}` | {default} | {row.range or 'text'} | {row.help} |")
    return "\n".join(lines) + "\n"


def load_settings(
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """The settings in force: defaults, then `ipatent.toml`, then `IPATENT_*`, then flags.

    `file` defaults to `IPATENT_SETTINGS` or `ipatent.toml` in the current folder, where it exists.
    A flag of None and an empty variable count as not given. Raises SettingsError for an unknown
    key, a value of the wrong type or out of range, and a file that cannot be read; each names the
    key and its origin.
    """
    environment = os.environ if environment is None else environment
    settings = Settings()
    if file is None and (named := environment.get("IPATENT_SETTINGS")):
        file = Path(named)
    if file is not None or Path(FILE_NAME).is_file():
        settings = _merge(settings, _read_file(file or Path(FILE_NAME)), str(file or FILE_NAME))
    prefixed = {
        key.removeprefix("IPATENT_").lower(): value
        for key, value in environment.items()
        if key.startswith("IPATENT_") and key != "IPATENT_SETTINGS" and value
    }
    settings = _merge(settings, prefixed, "the environment")
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    return _merge(settings, given, "the command line")


def _expanded(key: str, value: str) -> Path:
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise SettingsError(f"The setting {key} is {value!r}: there is no such user's home folder.") from None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {path} is not valid TOML: {error}.") from None


def _merge(settings: Settings, values: Mapping[str, Any], origin: str) -> Settings:
    types: dict[str, type] = {f.name: type(f.default) for f in fields(Settings)}
    changes: dict[str, Any] = {}
    for key, value in values.items():
        if key not in types:
            known = ", ".join(sorted(types))
            raise SettingsError(f"Unknown setting {key!r} in {origin}.", f"Known settings: {known}.")
        changes[key] = _convert(key, value, types[key], origin)
    return replace(settings, **changes)


def _convert(key: str, value: Any, wanted: type, origin: str) -> Any:
    kind = {int: "a whole number", float: "a number", str: "a text"}[wanted]
    wrong = SettingsError(f"The setting {key} in {origin} is {value!r}, which is not {kind}.")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wrong
    if wanted is str:
        if not isinstance(value, str) or "\0" in value:
            raise wrong
        if TABLE[key].choices and value not in TABLE[key].choices:
            raise SettingsError(f"The setting {key} in {origin} is {value!r}; allowed: {TABLE[key].range}.")
        return value
    try:
        number = wanted(value.strip() if isinstance(value, str) else value)
        exact = number == float(value)
    except (ValueError, OverflowError):
        raise wrong from None
    if not exact:
        raise wrong
    row = TABLE[key]
    if (row.least is not None and number < row.least) or (row.most is not None and number > row.most):
        raise SettingsError(f"The setting {key} in {origin} is {value}; it must be {row.range}.")
    return number
