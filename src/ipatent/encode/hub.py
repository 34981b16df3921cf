"""Models from a hub: what a repository holds, a download that resumes, and checks of what came."""

import hashlib
import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse

from ipatent.encode.files import read_asset
from ipatent.encode.models import Layout
from ipatent.errors import EncoderError

ANSWER_SECONDS = 5.0
"""How long the hub may take to answer before it counts as out of reach."""
LOCK_SECONDS = 1.0
"""How long to wait for another process that downloads the same model."""
MARKER = "ipatent.json"
"""Written into a model's folder when every file of it has come and has been checked."""
BY_HAND = (
    "Try again later, or copy the model's files into a folder by other means "
    "and name it with --encoder local-dir:PATH."
)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository: its path, size in bytes, and sha256 or git blob id to check it by."""

    path: str
    size: int
    sha256: str
    blob: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The wanted files of a repository at one commit."""

    repository: str
    revision: str
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


def endpoint() -> str:
    """The hub in use: `HF_ENDPOINT`, or the public Hugging Face hub."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"


def folder_of(models: Path, repository: str) -> Path:
    """Where a repository's files lie below the models folder."""
    return models / repository.replace("/", "--")


def look_up(repository: str, layout: Layout, seconds: float = ANSWER_SECONDS) -> Snapshot:
    """The files of `repository` that `layout` wants, as the hub has them now.

    Raises EncoderError when there is no such repository, it may not be read, it holds no model of
    that layout, or the hub does not answer within `seconds`.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        RepositoryNotFoundError,
    )

    answer: list[Snapshot | EncoderError] = []

    def ask() -> None:
        try:
            info = HfApi(endpoint=endpoint()).model_info(repository, files_metadata=True, timeout=2 * seconds)
        except HFValidationError:
            answer.append(EncoderError(f"{repository!r} is not a repository.", "Write hf:OWNER/REPOSITORY."))
        except GatedRepoError:
            answer.append(
                EncoderError(
                    f"The repository {repository} is open to registered users only.",
                    "Accept its terms on the hub and set HF_TOKEN to your token.",
                )
            )
        except RepositoryNotFoundError:
            answer.append(
                EncoderError(f"There is no repository {repository} at {endpoint()}.", "Check the spelling.")
            )
        except (HfHubHTTPError, OSError, ValueError) as error:
            answer.append(_unreachable(" ".join(str(error).split())[:160]))
        except Exception as error:
            # Network failures are exceptions of the HTTP client that huggingface_hub happens to use.
            answer.append(_unreachable(type(error).__name__))
        else:
            files = tuple(
                RemoteFile(
                    path=sibling.rfilename,
                    size=sibling.size or 0,
                    sha256=sibling.lfs.sha256 if sibling.lfs else "",
                    blob=sibling.blob_id or "",
                )
                for sibling in info.siblings or ()
                if layout.wants(sibling.rfilename)
            )
            answer.append(Snapshot(repository, info.sha or "main", files))

    # A timeout of the HTTP client bounds each step, not the whole; a thread bounds the whole, and sooner.
    asking = threading.Thread(target=ask, name="hub", daemon=True)
    asking.start()
    asking.join(seconds)
    if not answer:
        raise _unreachable(f"it did not answer within {seconds:g} seconds")
    if isinstance(answer[0], EncoderError):
        raise answer[0]
    _require_model(answer[0], layout)
    return answer[0]


def download(snapshot: Snapshot, folder: Path, say: Callable[[str], None]) -> None:
    """Fetch the files of `snapshot` into `folder`, going on where an earlier attempt stopped.

    Progress bars go to the terminal. Each file is checked against the hub's checksum. Raises
    EncoderError when the connection breaks, the disk is full, another process is at it, or a file
    came damaged; what has come so far is kept for the next attempt, a damaged file is removed.
    """
    from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]

    sums: dict[str, dict[str, str | int]] = {}
    name = ""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with WeakFileLock(folder / ".lock", timeout=LOCK_SECONDS):
            for file in snapshot.files:
                name = file.path
                path = folder / file.path
                if not path.is_file():
                    _fetch(snapshot, file, path)
                digest = _check(path, file, snapshot.repository)
                sums[file.path] = {"size": path.stat().st_size, "sha256": digest}
                say(f"{file.path}: checked.")
            marker = {"repository": snapshot.repository, "revision": snapshot.revision, "files": sums}
            draft = folder / (MARKER + ".new")
            draft.write_text(json.dumps(marker, indent=1), encoding="utf-8")
            draft.replace(folder / MARKER)
    except EncoderError:
        raise
    except Exception as error:
        # OSError for the disk and the lock; whatever HTTP client huggingface_hub uses for the rest.
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise EncoderError(
            f"{name} of {snapshot.repository} could not be downloaded into {folder}: {reason}.",
            "Run the same command again to go on where it stopped. " + BY_HAND,
        ) from None


def _fetch(snapshot: Snapshot, file: RemoteFile, path: Path) -> None:
    """Bring one file, appending to what an earlier attempt left.

    `hf_hub_download` starts every file anew after a restart, so its inner function is called here
    with the bytes that are there already.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    url = hf_hub_url(snapshot.repository, file.path, revision=snapshot.revision, endpoint=endpoint())
    location = get_hf_file_metadata(url, timeout=ANSWER_SECONDS).location
    headers = build_hf_headers()
    if urlparse(location).netloc != urlparse(url).netloc:
        # The token is for the hub, not for the storage that it points to.
        headers.pop("authorization", None)
    # Another revision of the same file must not be appended to this one's bytes.
    part = path.with_name(f"{path.name}.{(file.sha256 or file.blob)[:12]}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    with part.open("ab") as output:
        have = output.tell()
        if have > file.size:
            output.truncate(0)
            have = 0
        http_get(
            location,
            output,
            resume_size=have,
            headers=headers,
            expected_size=file.size,
            displayed_filename=file.path,
        )
    part.replace(path)


def is_complete(folder: Path) -> bool:
    """Whether a download into `folder` has been finished; says nothing of later damage."""
    return (folder / MARKER).is_file()


def check_complete(folder: Path) -> None:
    """Raises EncoderError when a downloaded file is missing or has changed since it was checked."""
    advice = f"Delete the folder {folder} and run the command again to download it anew."
    try:
        files = json.loads(read_asset(folder / MARKER, advice))["files"]
        expected = {str(path): (int(entry["size"]), str(entry["sha256"])) for path, entry in files.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EncoderError(f"The list of files in {folder / MARKER} is damaged.", advice) from None
    for name, (size, digest) in expected.items():
        path = folder / name
        if not path.is_file():
            raise EncoderError(f"The model's file {path} is missing.", advice)
        if path.stat().st_size != size or _sha256(path) != digest:
            raise EncoderError(f"The model's file {path} is damaged: its checksum is wrong.", advice)


def _check(path: Path, file: RemoteFile, repository: str) -> str:
    digest = _sha256(path)
    if file.sha256:
        right = digest == file.sha256
    elif file.blob:
        content = path.read_bytes()
        header = f"blob {len(content)}\0".encode()
        right = hashlib.sha1(header + content, usedforsecurity=False).hexdigest() == file.blob
    else:
        right = path.stat().st_size == file.size
    if not right:
        path.unlink()
        raise EncoderError(
            f"{file.path} of {repository} came damaged: its checksum is not the hub's.",
            "It was removed; run the same command again to fetch it anew.",
        )
    return digest


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _require_model(snapshot: Snapshot, layout: Layout) -> None:
    present = {file.path for file in snapshot.files}
    missing = [path for path in layout.needed if path not in present]
    if missing:
        raise EncoderError(
            f"The repository {snapshot.repository} has no {', '.join(missing)}.",
            "iPatent reads ONNX exports in the layout of immich-app's CLIP repositories.",
        )


def _unreachable(reason: str) -> EncoderError:
    return EncoderError(f"The hub at {endpoint()} cannot be reached: {reason}.", BY_HAND)
