"""An endpoint for chat with pictures, spoken to as OpenAI's API is: Ollama, llama.cpp, vLLM, hosted ones."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2

from ipatent.describe.prompt import SCHEMA
from ipatent.errors import SettingsError
from ipatent.settings import Settings


@dataclass(frozen=True, slots=True)
class Form:
    """What an answer must look like: a JSON schema and the name it goes by."""

    name: str
    schema: dict[str, Any]


TITLE_FORM: Final = Form("title", SCHEMA)
RUNGS: Final = ("json_schema", "json_object", "prompt")
"""Ways of asking for JSON, the strictest first; an endpoint that refuses one is asked in the next.

The last asks for it in words alone.
"""


def constraint(rung: int, form: Form) -> dict[str, Any]:
    """What a request says besides on one of the `RUNGS`."""
    if RUNGS[rung] == "json_schema":
        schema = {"name": form.name, "schema": form.schema, "strict": True}
        return {"response_format": {"type": "json_schema", "json_schema": schema}}
    return {"response_format": {"type": "json_object"}} if RUNGS[rung] == "json_object" else {}


MOST_BYTES = 1_000_000
_LONGEST_WAIT = 5.0
_PASSING = (408, 425, 429, 500, 502, 503, 504)


class EndpointFailed(Exception):
    """The endpoint gave no answer; the text says why. `passing` failures may be gone a moment later."""

    def __init__(self, reason: str, passing: bool = False, wait: float = 0.5) -> None:
        super().__init__(reason)
        self.passing, self.wait = passing, wait


class Refused(EndpointFailed):
    """The endpoint does not take the request as it is (400, 413, 422): constraint, size or picture."""

    @property
    def too_long(self) -> bool:
        """Whether it says that the prompt is too long."""
        said = str(self).lower()
        return any(sign in said for sign in ("context", "too long", "too large", "exceed", "413"))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and what to ask; `key` is never shown."""

    url: str
    model: str
    key: str
    most_tokens: int = 300

    @property
    def name(self) -> str:
        """What tells this endpoint from others, for remembering what it understands."""
        return f"{self.url} {self.model}"

    def __repr__(self) -> str:
        return f"Endpoint({self.url!r}, {self.model!r})"

    async def chat(
        self,
        client: httpx2.AsyncClient,
        messages: list[dict[str, Any]],
        rung: int,
        temperature: float,
        form: Form = TITLE_FORM,
        *,
        most_tokens: int = 0,
        seed: int = 1,
    ) -> Any:
        """The chat completion as parsed JSON; the caller limits the time. Raises EndpointFailed, Refused.

        `most_tokens` raises the endpoint's own limit where an answer needs more.
        """
        request = {
            "model": self.model,
            "messages": messages,
            "temperature": temperature,
            "max_tokens": max(self.most_tokens, most_tokens),
            "seed": seed,
            "stream": False,
            **constraint(rung, form),
        }
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        try:
            async with client.stream("POST", self._address, json=request, headers=headers) as answer:
                body = bytearray()
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        raise EndpointFailed("the endpoint's answer is too large")
                status, told = answer.status_code, answer.headers
        except httpx2.TimeoutException:
            raise EndpointFailed("the endpoint did not answer in time") from None
        except httpx2.ConnectError:
            raise EndpointFailed("the endpoint cannot be reached", passing=True) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise EndpointFailed(f"the connection broke ({type(error).__name__})", passing=True) from None
        if status == 200:
            try:
                return json.loads(bytes(body))
            except (ValueError, RecursionError):
                raise EndpointFailed("the endpoint's answer is not JSON", passing=True) from None
        raise self._failure(status, bytes(body), told.get("retry-after", ""))

    @property
    def _address(self) -> str:
        base = self.url.rstrip("/")
        if base.endswith("/chat/completions"):
            return base
        return f"{base}/chat/completions" if base.endswith("/v1") else f"{base}/v1/chat/completions"

    def _failure(self, status: int, body: bytes, retry_after: str) -> EndpointFailed:
        said = self._said(body)
        if status in (401, 403):
            return EndpointFailed(f"the endpoint does not accept the key ({status})")
        if status == 404:
            return EndpointFailed(f"the endpoint knows no such address or model {self.model!r} (404)")
        if status in (400, 413, 422):
            return Refused(f"the endpoint refuses the request ({status}{said})")
        wait = float(retry_after) if retry_after.isdigit() else 0.5
        return EndpointFailed(
            f"the endpoint failed ({status}{said})", passing=status in _PASSING, wait=min(wait, _LONGEST_WAIT)
        )

    def _said(self, body: bytes) -> str:
        try:
            error = json.loads(body)["error"]
            text = error["message"] if isinstance(error, dict) else str(error)
        except (ValueError, KeyError, TypeError, RecursionError):
            return ""
        text = " ".join(str(text).split())[:160]
        return f": {text.replace(self.key, '…') if self.key else text}"


async def pause(failure: EndpointFailed) -> None:
    """Wait as long as the endpoint asked for, or a moment."""
    await asyncio.sleep(failure.wait)


def endpoint_of(settings: Settings) -> Endpoint | None:
    """The endpoint that the settings name, or None where they name none.

    Raises SettingsError when the address is not http(s), the model is missing, or the key file
    cannot be read.
    """
    url, model = settings.lvlm_url.strip(), settings.lvlm_model.strip()
    if not url:
        return None
    if not url.startswith(("http://", "https://")):
        raise SettingsError(f"The setting lvlm_url is {url!r}.", "Write http://HOST:PORT/v1 or https://….")
    if not model:
        raise SettingsError("The setting lvlm_model is empty.", "Name the model that the endpoint shall use.")
    key = settings.lvlm_key
    if settings.lvlm_key_file:
        try:
            key = Path(settings.lvlm_key_file).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError, RuntimeError) as error:
            raise SettingsError(
                f"The key file {settings.lvlm_key_file} cannot be read: {type(error).__name__}.",
                "Check the setting lvlm_key_file.",
            ) from None
    if not key.isascii() or not key.isprintable():
        raise SettingsError("The key of the endpoint holds letters that no key has.", "Check lvlm_key.")
    return Endpoint(url, model, key, settings.lvlm_max_tokens)
