"""One server asked over HTTP: what it answers, or an error that says what to do."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx2
from pydantic import BaseModel, ValidationError

from ipatent import __version__
from ipatent.client.errors import Absent, ClientError, TimedOut, Unreachable

Model = TypeVar("Model", bound=BaseModel)
Pairs = tuple[tuple[str, str], ...]

_AGAIN: Final = frozenset({502, 503, 504})
"""What a proxy or a server says that is just starting."""
_PAUSE = 0.25
_MOST_ADDRESS = 60_000
"""Characters of an address that servers read; a longer one is answered without a word."""


class Connection:
    """Requests below one address; reading is tried again where the connection broke, writing never is."""

    def __init__(
        self,
        url: str,
        auth: tuple[str, str] | None,
        headers: Mapping[str, str] | None,
        timeout: float,
        retries: int,
        verify: bool | str,
        transport: httpx2.BaseTransport | None,
    ) -> None:
        address = _address(url)
        if auth is None and address.userinfo:
            auth = (address.username, address.password)
        self.url = str(address.copy_with(username=None, password=None, query=None, fragment=None)).rstrip("/")
        self._retries = max(0, retries)
        self._seconds = timeout
        self._http = httpx2.Client(
            auth=auth,
            headers={
                "User-Agent": f"ipatent-client/{__version__}",
                "Accept-Language": "en",
                **(headers or {}),
            },
            timeout=httpx2.Timeout(timeout, connect=min(timeout, 10.0)),
            follow_redirects=False,
            verify=_trust(verify),
            transport=transport,
        )

    def close(self) -> None:
        """End the connections."""
        self._http.close()

    def get(self, path: str, model: type[Model], pairs: Pairs = ()) -> Model:
        """What is answered at the path. Raises ClientError."""
        return self._read(self.fetch(path, pairs), model)

    def fetch(self, path: str, pairs: Pairs = ()) -> httpx2.Response:
        """The answer as it came, such as a picture. Raises ClientError."""
        address = self._full(path, pairs)
        if len(address) > _MOST_ADDRESS:
            raise ClientError(
                f"The query has {len(address):,} characters as an address; servers read {_MOST_ADDRESS:,}.",
                "Choose fewer publications to search within, or shorter text.",
            )
        for pause in range(self._retries):
            try:
                return self._send("GET", address)
            except (Unreachable, TimedOut) as error:
                if isinstance(error, TimedOut):
                    raise
            except ClientError as error:
                if error.status not in _AGAIN:
                    raise
            time.sleep(_PAUSE * 2**pause)
        return self._send("GET", address)

    def send(self, method: str, path: str, model: type[Model], **content: Any) -> Model:
        """What is answered to something written (`data`, `json` or `files`). Raises ClientError."""
        return self._read(self._send(method, self._full(path), **content), model)

    def _full(self, path: str, pairs: Pairs = ()) -> str:
        query = f"?{urlencode(pairs, safe='@~,/')}" if pairs else ""
        return f"{self.url}/{path.lstrip('/')}{query}"

    def _send(self, method: str, address: str, **content: Any) -> httpx2.Response:
        try:
            answer = self._http.request(method, address, **content)
        except httpx2.TimeoutException:
            raise TimedOut(
                f"{self.url} did not answer within {self._seconds:g} seconds.",
                "Try again, or allow more time: Client(url, timeout=120).",
            ) from None
        except httpx2.ConnectError as error:
            raise Unreachable(
                f"Nothing answers at {self.url}: {_reason(error)}.",
                "Start the server with: ipatent serve, or check the address.",
            ) from None
        except httpx2.TransportError as error:
            raise Unreachable(
                f"The connection to {self.url} broke off: {_reason(error)}.", "Try again."
            ) from None
        if answer.is_success:
            return answer
        raise _refusal(answer, self.url)

    def _read(self, answer: httpx2.Response, model: type[Model]) -> Model:
        try:
            return model.model_validate_json(answer.content)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(each) for each in first["loc"])
            raise ClientError(
                f"{self.url} did not answer as iPatent does ({place or 'no JSON'}: {first['msg']}).",
                "Check that the address is that of an iPatent server, and that its version is"
                f" {__version__} or near.",
                answer.status_code,
            ) from None


def _refusal(answer: httpx2.Response, url: str) -> ClientError:
    """The error that an answer means, in the server's own words where it said any."""
    status = answer.status_code
    said = _problem(answer)
    if said:
        kind: Callable[..., ClientError] = Absent if status == 404 else ClientError
        return kind(str(said["error"]), str(said.get("advice", "")), status, str(said.get("request_id", "")))
    if status in (401, 407):
        return ClientError(f"{url} asks for a password.", "Client(url, auth=(user, password))", status)
    if answer.is_redirect:
        to = answer.headers.get("location", "another address")
        return ClientError(f"{url} sends on to {to}.", "Give the final address, with https and path.", status)
    if status == 404:
        return Absent(
            f"There is nothing at {answer.url.path}.", f"Check that {url} is iPatent's address.", 404
        )
    return ClientError(
        f"{url} answered {status} {answer.reason_phrase}, and not as iPatent does.",
        "Is there a proxy in between? Look into its log.",
        status,
    )


def _problem(answer: httpx2.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) and isinstance(said.get("error"), str) else {}


def _address(url: str) -> httpx2.URL:
    try:
        urlsplit(url)  # stricter about brackets
        address = httpx2.URL(url.strip())
    except (httpx2.InvalidURL, ValueError):
        address = httpx2.URL("")
    if address.scheme not in ("http", "https") or not address.host:
        raise ClientError(f"{url!r} is no address of a server.", "Write it like http://127.0.0.1:8000.")
    return address


def _trust(verify: bool | str) -> Any:
    """What certificates are checked against: those of the system, or those in a file, or none."""
    if isinstance(verify, bool):
        return verify
    import ssl

    try:
        return ssl.create_default_context(cafile=verify)
    except OSError as error:
        raise ClientError(
            f"The certificates in {verify} cannot be read: {error.strerror or error}.", "Check the path."
        ) from None


def _reason(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
