"""The status page: what is indexed, by which encoder, and the limits in force."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from ipatent import __version__
from ipatent.encode import EncoderSpec
from ipatent.encode.matching import check_encoder
from ipatent.errors import EncoderMismatch
from ipatent.web.answers import EncoderAnswer, StatusAnswer
from ipatent.web.following import follow
from ipatent.web.state import AppState, Rendering, State

router = APIRouter(tags=["status"])


@router.get("/status", response_class=HTMLResponse, include_in_schema=False)
def status_page(state: State, templates: Rendering) -> HTMLResponse:
    """Counts, encoder and limits."""
    return templates.page("status.html", status=answer_status(state))


@router.get("/status.json")
def status_json(state: State) -> StatusAnswer:
    """Counts, encoder and limits."""
    return answer_status(state)


def answer_status(state: AppState) -> StatusAnswer:
    """The state of the index and of this server."""
    status = state.index.status()
    settings = state.settings
    follow(state.encoder)
    return StatusAnswer(
        version=__version__,
        patents=status.patents,
        sheets=status.sheets,
        figures=status.figures,
        generation=status.generation,
        bytes=status.bytes,
        index_encoder=_describe(status.encoder) if status.encoder else None,
        encoder=_describe(state.encoder.spec),
        encoders_agree=status.encoder is None or _agree(status.encoder, state.encoder.spec),
        k=settings.k,
        max_k=settings.max_k,
        max_query_chars=settings.max_query_chars,
        max_upload_bytes=settings.max_upload_bytes,
        max_upload_pixels=settings.max_upload_pixels,
    )


def _agree(stored: EncoderSpec, given: EncoderSpec) -> bool:
    try:
        check_encoder(stored, given)
    except EncoderMismatch:
        return False
    return True


def _describe(spec: EncoderSpec) -> EncoderAnswer:
    return EncoderAnswer(
        name=spec.name,
        weights=spec.weights,
        preprocessing=spec.preprocessing,
        image_dim=spec.image_dim,
        caption_dim=spec.caption_dim,
        has_text_tower=spec.has_text_tower,
    )
