"""An S3 bucket: where it is, how it is reached, and what its refusals mean."""

import configparser
import os
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from obstore.store import S3Store

from ipatent.errors import IndexProblem, SettingsError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

_FORM = "Write s3://BUCKET or s3://BUCKET/PREFIX, or leave it empty for folders in the data folder."
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
_REGION = "us-east-1"
"""Servers that are not Amazon's take any region; they expect this one most often."""
_SECONDS_TO_CONNECT = 5.0
_MOST_RETRIES = 100
"""Time ends the retries, not their number."""
_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
_OTHER_KEYS = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_SKIP_SIGNATURE",
)
"""Ways to a key, or to none, which the client knows by itself."""
_CODE = re.compile(r"<Code>([A-Za-z0-9.]{1,60})</Code>")
_STATUS = re.compile(r"non-2xx status code: (\d{3})")


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where objects lie in S3 and how to get there; it travels to other processes and holds no secret.

    `endpoint` and `region` go before those of the environment, and so does the key in `key_file`.
    `seconds` is how long a request is tried again while nobody answers; `link_endpoint` is the server's
    address as browsers reach it, where that is another.
    """

    url: str
    endpoint: str = ""
    region: str = ""
    key_file: str = ""
    seconds: float = 30.0
    link_endpoint: str = ""

    @property
    def name(self) -> str:
        """The bucket's name. Raises SettingsError where the URL is no address of a bucket."""
        return self._parts()[0]

    @property
    def prefix(self) -> str:
        """What all names in it begin with, without the slash behind; may be empty."""
        return self._parts()[1]

    @property
    def server(self) -> str:
        """The server's address; empty for Amazon's own."""
        named = self.endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        return _usable(named or "")

    @property
    def link_origin(self) -> str:
        """Scheme, host and port that links to objects begin with."""
        server = _usable(self.link_endpoint) or self.server
        parts = urlsplit(server or f"https://s3.{self._region()}.amazonaws.com")
        return f"{parts.scheme}://{parts.netloc}"

    def below(self, part: str) -> "Bucket":
        """The same bucket with a prefix that is one step longer."""
        return replace(self, url=f"s3://{'/'.join(filter(None, (self.name, self.prefix, part)))}")

    def as_linked(self) -> "Bucket":
        """The same bucket as browsers reach it."""
        return replace(self, endpoint=self.link_endpoint or self.endpoint)

    def store(self) -> S3Store:
        """A client of the bucket; asks nothing of it yet. Raises SettingsError without a usable key."""
        server = self.server
        config: S3Config = {"region": self._region()}
        for name, value in self._key().items():
            config[name] = value  # type: ignore[literal-required]
        if server:
            config["endpoint"] = server
        client: ClientConfig = {
            "allow_http": server.startswith("http://"),
            "connect_timeout": timedelta(seconds=min(_SECONDS_TO_CONNECT, self.seconds)),
            "read_timeout": timedelta(seconds=self.seconds),
            "timeout": timedelta(hours=1),  # a large object may take its time as long as bytes come
        }
        retry: RetryConfig = {
            "max_retries": _MOST_RETRIES,
            "retry_timeout": timedelta(seconds=self.seconds),
            "backoff": {
                "init_backoff": timedelta(seconds=0.1),
                "max_backoff": timedelta(seconds=2),
                "base": 2,
            },
        }
        return S3Store(
            self.name, prefix=self.prefix or None, config=config, client_options=client, retry_config=retry
        )

    def _parts(self) -> tuple[str, str]:
        try:
            parts = urlsplit(self.url)
            good = parts.scheme == "s3" and not (parts.query or parts.fragment or parts.port)
        except ValueError:
            good = False
        if not good or not _BUCKET.fullmatch(parts.netloc) or ".." in parts.path or "\\" in parts.path:
            # The address itself is not repeated: somebody may have written a key into it.
            raise SettingsError("The setting objects is not the address of an S3 bucket.", _FORM)
        return parts.netloc, "/".join(filter(None, parts.path.split("/")))

    def _region(self) -> str:
        named = self.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        return named or _REGION

    def _key(self) -> dict[str, str]:
        if self.key_file:
            return _key_in(Path(self.key_file))
        given = {name: value for name in _KEYS if (value := os.environ.get(name.upper(), ""))}
        if all(name in given for name in _KEYS[:2]):
            return given
        if any(os.environ.get(name) for name in _OTHER_KEYS) or not (given or self.server):
            return {}  # a machine of Amazon's has a role
        raise SettingsError(
            f"There is no key for the bucket {self.name}.",
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a file that holds them with the setting"
            " objects_key_file.",
        )


def _usable(server: str) -> str:
    server = server.rstrip("/")
    if not server:
        return ""
    try:
        parts = urlsplit(server)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    # It stands in a header of every page, so nothing else may be in it.
    if not good or "@" in server or parts.query or any(sign in server for sign in " ;,\"'\r\n"):
        raise SettingsError(
            "The address of the S3 server is not usable.",
            "Write objects_endpoint (or AWS_ENDPOINT_URL) as http://HOST:PORT or https://HOST.",
        )
    return server


def _key_in(path: Path) -> dict[str, str]:
    """The key in a file: lines `aws_access_key_id = …`, with or without a heading `[default]`."""
    try:
        text = path.expanduser().read_text(encoding="utf-8")
    except (OSError, RuntimeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The key file {path} cannot be read: {type(error).__name__}.",
            "Check the setting objects_key_file.",
        ) from None
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False)
    try:
        parser.read_string(text if text.lstrip().startswith("[") else f"[default]\n{text}")
        found = dict(parser["default"] if parser.has_section("default") else parser[parser.sections()[0]])
    except (configparser.Error, IndexError):  # its message would repeat the line
        found = {}
    key = {name: found[name].strip().strip("\"'") for name in _KEYS if found.get(name)}
    if not all(name in key for name in _KEYS[:2]):
        raise SettingsError(
            f"The key file {path} holds no key.",
            "It needs two lines: aws_access_key_id = … and aws_secret_access_key = …",
        )
    return key


class Unreachable(IndexProblem):
    """Nobody answers where the bucket should be, or only with faults of its own."""


_REFUSED = {"AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden"}
_WRONG_KEY = {
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidToken",
    "ExpiredToken",
    "InvalidSecurity",
    "AuthorizationHeaderMalformed",
    "MissingSecurityHeader",
    "TokenRefreshRequired",
}
_CLOCK = {"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"}
_FULL = {"InsufficientStorage", "XMinioStorageFull", "QuotaExceeded", "StorageFull", "EntityTooLarge"}
_ELSEWHERE = {"PermanentRedirect", "IllegalLocationConstraintException", "TemporaryRedirect"}


def names_no_bucket(error: Exception) -> bool:
    """Whether an error says that the bucket itself is missing, not just something in it."""
    return _code(error) in ("NoSuchBucket", "InvalidBucketName")


def problem_of(error: Exception, bucket: Bucket) -> IndexProblem:
    """What to tell about an error of the client: never with what the server sent, which may repeat keys."""
    place = f"{bucket.url} at {bucket.server}" if bucket.server else bucket.url
    code, status = _code(error), _status(error)
    if names_no_bucket(error):
        return IndexProblem(
            f"There is no bucket {bucket.name} for the objects in {place}.",
            "Make it, e.g. with: aws s3 mb s3://"
            + bucket.name
            + ", or name another with the setting objects.",
        )
    if code in _CLOCK:
        return IndexProblem(
            f"The clocks of this machine and of {place} differ too much ({code}).",
            "Set both by a time server (NTP).",
        )
    if code in _WRONG_KEY or status == 401:
        return IndexProblem(
            f"The key for the objects in {place} is not accepted ({code or 'unauthorized'}).",
            "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the file of the setting objects_key_file.",
        )
    if code in _REFUSED or status == 403:
        return IndexProblem(
            f"The object store {place} cannot be used: permission denied{f' ({code})' if code else ''}.",
            "Check the key, its rights (list, read, write, delete in this bucket), and this machine's clock.",
        )
    if code in _FULL or status == 507:
        return IndexProblem(
            f"The object store is full: nothing more can be written to {place}.",
            "Give it more space; what was stored before is unharmed.",
        )
    if code in _ELSEWHERE or status in (301, 307):
        return IndexProblem(
            f"The bucket of {place} lies in another region or at another address.",
            "Set objects_region (or AWS_REGION) and objects_endpoint (or AWS_ENDPOINT_URL).",
        )
    if status and status < 500:
        said = f"status {status}{f', {code}' if code else ''}"
        return IndexProblem(
            f"The object store {place} refused a request ({said}).", "Check the setting objects."
        )
    return Unreachable(
        f"The object store {place} cannot be reached: {_reason(error, status)}.",
        "Check that it runs, and the settings objects and objects_endpoint (or AWS_ENDPOINT_URL).",
    )


def _reason(error: Exception, status: int) -> str:
    if status:
        return f"it answers with an error of its own (status {status})"
    text = str(error).lower()
    for sign, reason in (
        ("connection refused", "connection refused"),
        ("dns error", "its name is not known"),
        ("failed to lookup", "its name is not known"),
        ("certificate", "its certificate is not trusted"),
        ("timed out", "no answer in time"),
        ("timeout", "no answer in time"),
        ("connection reset", "the connection broke"),
        ("incomplete", "the connection broke"),
        ("closed before", "the connection broke"),
    ):
        if sign in text:
            return reason
    return "the connection failed"


def _code(error: Exception) -> str:
    found = _CODE.search(str(error))
    return found[1] if found else ""


def _status(error: Exception) -> int:
    found = _STATUS.search(str(error))
    return int(found[1]) if found else 0
