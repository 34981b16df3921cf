"""An encoder that remembers pictures: the same vectors, made once."""

from collections.abc import Sequence

import numpy as np

from ipatent.encode.classic import ClassicEncoder
from ipatent.patents import Pixels, Vectors
from ipatent.web.remembering import RememberingEncoder


class Counting:
    """A real encoder that counts the pictures it is given."""

    def __init__(self) -> None:
        self.inner = ClassicEncoder.load("hog")
        self.spec = self.inner.spec
        self.encoded = 0

    def encode_pictures(self, pictures: Sequence[Pixels]) -> Vectors:
        self.encoded += len(pictures)
        return self.inner.encode_pictures(pictures)

    def encode_captions(self, texts: Sequence[str]) -> Vectors:
        return self.inner.encode_captions(texts)

    def encode_text_as_picture(self, texts: Sequence[str]) -> Vectors:
        return self.inner.encode_text_as_picture(texts)


def drawing(at: int, height: int = 60, width: int = 80) -> Pixels:
    pixels = np.full((height, width), 255, np.uint8)
    pixels[5:50, at] = 0
    pixels[at, 5:50] = 0
    return pixels


def test_a_picture_asked_for_again_is_not_encoded_again() -> None:
    counting = Counting()
    encoder = RememberingEncoder(counting)
    first = encoder.encode_pictures([drawing(9), drawing(20)])
    again = encoder.encode_pictures([drawing(20), drawing(9)])
    assert counting.encoded == 2
    assert np.array_equal(again, first[::-1])


def test_no_picture_gets_the_vector_of_another() -> None:
    turned = np.rot90(drawing(9))
    pictures = [drawing(9), turned, drawing(9)[:, ::-1], drawing(9, 80, 60), drawing(9)[:50], drawing(10)]
    plain, encoder = ClassicEncoder.load("hog"), RememberingEncoder(ClassicEncoder.load("hog"))
    for _ in range(2):
        for picture in pictures:
            assert np.array_equal(encoder.encode_pictures([picture]), plain.encode_pictures([picture]))


def test_only_the_latest_pictures_are_remembered() -> None:
    counting = Counting()
    encoder = RememberingEncoder(counting, most=2)
    for at in (9, 20, 30, 9):
        encoder.encode_pictures([drawing(at)])
    assert counting.encoded == 4
    encoder.encode_pictures([drawing(30)])
    assert counting.encoded == 4
