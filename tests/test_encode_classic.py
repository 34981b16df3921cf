"""The descriptors from before neural networks, as encoders."""

import numpy as np
import pytest
from PIL import Image

from drawn_patents import draw
from ipatent.encode.choice import open_encoder
from ipatent.encode.classic import DESCRIPTORS
from ipatent.errors import EncoderError
from ipatent.settings import Settings


@pytest.mark.parametrize("name", sorted(DESCRIPTORS))
def test_a_drawing_at_another_resolution_is_more_like_it_than_another_drawing(name: str) -> None:
    encoder = open_encoder(Settings(encoder=name))
    drawing, other = draw(2, 0), draw(9, 3)
    scan = np.asarray(Image.fromarray(drawing).resize((910, 728), Image.Resampling.BILINEAR))
    vectors = encoder.encode_pictures([drawing, scan, other])
    assert vectors.shape == (3, encoder.spec.image_dim)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    likeness = vectors @ vectors[0]
    assert likeness[1] > likeness[2]


@pytest.mark.parametrize("name", sorted(DESCRIPTORS))
def test_blank_paper_is_like_no_drawing(name: str) -> None:
    encoder = open_encoder(Settings(encoder=name))
    blank, drawing = encoder.encode_pictures([np.full((90, 70), 255, np.uint8), draw(1, 1)])
    assert np.linalg.norm(blank) == pytest.approx(1)
    assert blank @ drawing < 0.3


@pytest.mark.parametrize("name", sorted(DESCRIPTORS))
def test_words_are_compared_with_captions_but_not_with_pictures(name: str) -> None:
    encoder = open_encoder(Settings(encoder=name))
    assert encoder.encode_captions(["folding chair"]).any()
    with pytest.raises(EncoderError, match="cannot compare words"):
        encoder.encode_text_as_picture(["folding chair"])


def test_the_two_are_different_encoders_to_an_index() -> None:
    assert len({open_encoder(Settings(encoder=name)).spec for name in DESCRIPTORS}) == 2
