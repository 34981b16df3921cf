"""Publication numbers and classification symbols, as people print and type them."""

import pytest

from ipatent.classification import Classification
from ipatent.publication import PublicationNumber, find_publication_number


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("US D744,296 S", "USD744296S1"),
        ("USD744296", "USD744296S1"),
        ("D744,296", "USD744296S1"),
        ("US D744.296 S", "USD744296S1"),
        ("us d 744 296 s1", "USD744296S1"),
        ("US 11,234,567 B2", "US11234567B2"),
        ("US7272630B2", "US7272630B2"),
        ("US07272630B2", "US7272630B2"),
        ("US06336130", "US6336130"),
        ("US 2025/0204297 A1", "US20250204297A1"),
        ("US20250204297A1", "US20250204297A1"),
        ("US2025204297A1", "US20250204297A1"),
        ("USRE45,678 E1", "USRE45678E1"),
        ("US PP12,345 P3", "USPP12345P3"),
        ("EP 1 234 567 B1", "EP1234567B1"),
        ("EP0123456A1", "EP123456A1"),
        ("WO 2019/123456 A1", "WO2019123456A1"),
        ("WO2019/12345", "WO2019012345"),
        ("WO 99/12345 A1", "WO1999012345A1"),
        ("DE102019123456A1", "DE102019123456A1"),
        ("JP2019123456A", "JP2019123456A"),
    ],
)
def test_a_number_is_read_in_every_form_it_is_written_in(written: str, canonical: str) -> None:
    assert str(PublicationNumber.parse(written)) == canonical
    assert str(PublicationNumber.parse(canonical)) == canonical


@pytest.mark.parametrize("text", ["", "chair", "US", "12345", "QQ1234567", "US D744,296 S and more", "US-"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"publication number|patent office"):
        PublicationNumber.parse(text)


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        ("USD744296S1", "US D744,296 S1"),
        ("US7272630B2", "US 7,272,630 B2"),
        ("US20250204297A1", "US 2025/0204297 A1"),
        ("USRE45678E1", "US RE45,678 E1"),
        ("WO2019123456A1", "WO 2019/123456 A1"),
        ("EP1234567B1", "EP 1234567 B1"),
    ],
)
def test_a_number_is_shown_as_its_office_prints_it(number: str, printed: str) -> None:
    assert PublicationNumber.parse(number).display == printed


def test_links_lead_to_the_publication() -> None:
    number = PublicationNumber.parse("US 2025/0204297 A1")
    assert number.espacenet_url.endswith("pn%3DUS2025204297A1")
    assert number.google_url.endswith("/patent/US20250204297A1/en")


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("USD0871717-20200107-D00002", "USD871717S1"),
        ("USD744296", "USD744296S1"),
        ("US20250204297A1-20250626-D00001", "US20250204297A1"),
        ("EP1234567A1_2", "EP1234567A1"),
        ("unnumbered-007111", None),
        ("chair", None),
        ("fig 2", None),
    ],
)
def test_a_file_name_gives_the_number_it_begins_with(name: str, number: str | None) -> None:
    found = find_publication_number(name)
    assert (str(found) if found else None) == number


@pytest.mark.parametrize(
    ("scheme", "text", "levels"),
    [
        ("CPC", "A47G 21/16", ("A47G 21/16", "A", "A47", "A47G")),
        ("IPC", "a47g21/16 (2006.01)", ("A47G 21/16", "A", "A47", "A47G")),
        ("CPC", "Y02E", ("Y02E", "Y", "Y02", "Y02E")),
        ("LOC", "7-06", ("07-06", "", "07", "07-06")),
        ("USPC", "D7/631", ("D7/631", "", "D7", "D7/631")),
        ("USPC", "211/41.1", ("211/41.1", "", "211", "211/41.1")),
    ],
)
def test_a_symbol_is_split_into_its_levels(scheme: str, text: str, levels: tuple[str, ...]) -> None:
    symbol = Classification.parse(scheme, text)  # type: ignore[arg-type]
    assert (symbol.symbol, symbol.section, symbol.class_, symbol.subclass) == levels


@pytest.mark.parametrize(
    ("scheme", "text"), [("CPC", "I99Z 1/00"), ("LOC", "x"), ("USPC", "D7"), ("IPC", "")]
)
def test_what_is_no_symbol_is_refused(scheme: str, text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        Classification.parse(scheme, text)  # type: ignore[arg-type]
