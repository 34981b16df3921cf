"""Archives and XML from strangers: what is found in them, and what cannot be made to do harm."""

import io
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from ipatent.errors import SourceError
from ipatent.sources import Sheet
from ipatent.sources.archives import (
    LARGEST_INNER,
    Window,
    archive_kind,
    list_archive,
    open_within,
    read_entry,
)
from ipatent.sources.bulk import Address, read_at, survey_xml, worth_reading
from ipatent.sources.markup import parse_xml, pieces
from ipatent.sources.survey import patents_in
from office_files import grant, patent_files, tiff, write_tar, zipped
from patent_files import LIMITS

MOST = 50_000_000


def members(data: bytes, kind: str) -> dict[str, bytes]:
    file = io.BytesIO(data)
    return {entry.name: read_entry(file, entry, MOST) for entry in list_archive(file, kind)[0]}


def save(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@dataclass(frozen=True)
class Survey:
    """The patents in an archive, and what is left out with the reason."""

    addresses: list[Address]
    left_out: list[tuple[str, str]]


def survey_archive(path: Path, kind: str) -> Survey:
    found = list(patents_in(path, kind))
    return Survey(
        [one for one in found if isinstance(one, Address)],
        [(one.name, one.reason) for one in found if not isinstance(one, Address)],
    )


def sheets_in(path: Path, survey: Survey) -> list[tuple[str, int]]:
    """Each patent found with the number of its sheets that can be read."""
    read = [read_at((path,), address, LIMITS) for address in survey.addresses]
    return [(one.patent.id, sum(isinstance(sheet, Sheet) for sheet in one.sheets())) for one in read]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_members_of_a_zip_are_read_as_they_were_packed(method: int) -> None:
    files = {"a/one.txt": b"1" * 70_000, "a/two.txt": b"", "drei-ü.txt": bytes(range(256))}
    assert members(zipped(files, method), "zip") == files


def test_a_zip_behind_other_bytes_and_one_with_64_bit_sizes_are_read() -> None:
    assert members(b"#!/bin/sh\n" + zipped({"a": b"hello"}), "zip") == {"a": b"hello"}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, archive.open("big.xml", "w", force_zip64=True) as member:
        member.write(b"hello")
    assert members(stream.getvalue(), "zip") == {"big.xml": b"hello"}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_the_members_of_a_tar_are_read_whatever_its_form(tmp_path: Path, form: int) -> None:
    long_name = "/".join(["folder"] * 14) + "/name.xml"
    files = {"a.xml": b"x" * 1000, long_name: b"y" * 513, "empty": b""}
    data = write_tar(tmp_path / "a.tar", files, form).read_bytes()
    assert archive_kind(data[:1024]) == "tar"
    assert members(data, "tar") == files


def test_links_folders_and_devices_in_a_tar_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"member-{kind!r}.xml")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert members(path.read_bytes(), "tar") == {}


def test_of_a_tar_cut_short_or_garbled_what_lies_before_is_read_and_the_rest_reported(tmp_path: Path) -> None:
    week = {f"I/{n}.ZIP": zipped(patent_files(n, 1)) for n in ("09123451", "09123452")}
    whole = write_tar(tmp_path / "whole.tar", week).read_bytes()
    second = whole.index(b"I/09123452.ZIP")
    path = save(tmp_path / "cut.tar", whole[: second + 3000])
    survey = survey_archive(path, "tar")
    assert sheets_in(path, survey) == [("US9123451B2", 1)]
    assert [reason for _, reason in survey.left_out] == [
        "is a damaged or truncated TAR archive (unexpected end of data)",
        "is cut off where the archive ends",
    ]
    save(path, whole[:second] + b"\xff" * 512 + whole[second + 512 :])
    survey = survey_archive(path, "tar")
    assert sheets_in(path, survey) == [("US9123451B2", 1)]
    assert "what follows its first 1 members is no member" in survey.left_out[0][1]


def test_a_tar_header_that_asks_for_gigabytes_gets_none() -> None:
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 4 << 30
    with pytest.raises(SourceError, match="absurd length"):
        list_archive(io.BytesIO(info.tobuf(tarfile.USTAR_FORMAT) + bytes(2048)), "tar")


def test_a_truncated_zip_says_so() -> None:
    data = zipped({"a": b"hello" * 100})
    with pytest.raises(SourceError, match="truncated"):
        list_archive(io.BytesIO(data[:-10]), "zip")
    with pytest.raises(SourceError, match="damaged or truncated ZIP"):
        list_archive(io.BytesIO(data[len(data) // 2 :]), "zip")


def test_a_zip_whose_directory_is_absurdly_long_is_not_read() -> None:
    data = bytearray(zipped({"a": b"hello"}))
    struct.pack_into("<I", data, len(data) - 10, 1 << 30)
    with pytest.raises(SourceError, match="more than can be real"):
        list_archive(io.BytesIO(bytes(data)), "zip")


def test_a_directory_that_points_before_the_archive_says_so() -> None:
    data = bytearray(zipped({"a": b"hello"}))
    at = len(data) - 6
    struct.pack_into("<I", data, at, struct.unpack_from("<I", data, at)[0] + 1000)
    file = io.BytesIO(bytes(data))
    with pytest.raises(SourceError, match="damaged"):
        [read_entry(file, entry, MOST) for entry in list_archive(file, "zip")[0]]


def test_any_damage_to_an_archive_is_told_in_words(tmp_path: Path) -> None:
    files = patent_files(sheets=1)
    zip_data = zipped(files)
    tar_data = write_tar(tmp_path / "a.tar", {"a.zip": zip_data}).read_bytes()
    for kind, data in (("zip", zip_data), ("tar", tar_data)):
        for at in range(0, len(data), max(1, len(data) // 150)):
            broken = bytearray(data)
            broken[at] ^= 0xFF
            path = save(tmp_path / f"broken.{kind}", bytes(broken))
            try:
                sheets_in(path, survey_archive(path, kind))
            except SourceError as error:
                assert error.message  # noqa: PT017 - any other exception fails the test


def test_an_encrypted_member_is_named_with_what_to_do() -> None:
    data = bytearray(zipped({"US9000001B2.xml": grant().encode()}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    file = io.BytesIO(bytes(data))
    ((entry,), _) = list_archive(file, "zip")
    with pytest.raises(SourceError, match="encrypted"):
        read_entry(file, entry, MOST)


def test_a_member_that_expands_beyond_measure_is_refused_unread(tmp_path: Path) -> None:
    path = save(tmp_path / "bomb.zip", zipped({"US9000001B2.xml": bytes(60_000_000)}))
    tracemalloc.start()
    survey = survey_archive(path, "zip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not survey.addresses
    ((name, reason),) = survey.left_out
    assert name == "US9000001B2.xml"
    assert "would expand" in reason
    assert peak < 10_000_000


def test_a_member_larger_than_it_states_is_not_unpacked_further() -> None:
    data = bytearray(zipped({"a": bytes(5_000_000)}))
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(signature) + at, 1000)
    file = io.BytesIO(bytes(data))
    ((entry,), _) = list_archive(file, "zip")
    with pytest.raises(SourceError, match="longer than its directory says"):
        read_entry(file, entry, MOST)


def test_a_wrong_checksum_and_a_limit_are_reported() -> None:
    data = bytearray(zipped({"a": b"hello hello"}, zipfile.ZIP_STORED))
    data[data.index(b"hello")] = ord("j")
    file = io.BytesIO(bytes(data))
    ((entry,), _) = list_archive(file, "zip")
    with pytest.raises(SourceError, match="checksum"):
        read_entry(file, entry, MOST)
    with pytest.raises(SourceError, match="max_file_bytes"):
        read_entry(file, entry, 5)


def test_names_that_climb_out_of_the_archive_touch_nothing(tmp_path: Path) -> None:
    stem = "US09123456-20200107"
    (tmp_path / f"{stem}-D00001.TIF").write_bytes(tiff())
    (tmp_path / "in").mkdir()
    files = {f"../../{stem}.XML": grant(sheets=1).encode(), f"/etc/{stem}-D00001.TIF": tiff()}
    path = save(tmp_path / "in" / "a.zip", zipped(files))
    before = sorted(tmp_path.rglob("*"))
    assert sheets_in(path, survey_archive(path, "zip")) == [("US9123456B2", 1)]
    assert sorted(tmp_path.rglob("*")) == before
    files.pop(f"/etc/{stem}-D00001.TIF")
    save(path, zipped({**files, "other.txt": b""}))
    with pytest.raises(SourceError, match="not in the archive"):
        sheets_in(path, survey_archive(path, "zip"))


def test_a_zip_of_one_application_gives_its_sheets(tmp_path: Path) -> None:
    path = save(tmp_path / "a.zip", zipped(patent_files(sheets=3)))
    survey = survey_archive(path, "zip")
    assert not survey.left_out
    assert [address.name for address in survey.addresses] == ["US09123456-20200107/US09123456-20200107.XML"]
    assert sheets_in(path, survey) == [("US9123456B2", 3)]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_week_as_a_tar_of_zips_and_as_a_zip_of_zips_gives_every_patent(tmp_path: Path, method: int) -> None:
    inner = {
        "I20200107/UTIL/US09123456-20200107.ZIP": zipped(patent_files("09123456", 2)),
        "I20200107/DESIGN/USD0871717-20200107.ZIP": zipped(patent_files("D0871717", 3, "S1", seed=2)),
    }
    expected = [("US9123456B2", 2), ("USD871717S1", 3)]
    tar = write_tar(tmp_path / "week.tar", inner)
    assert sheets_in(tar, survey_archive(tar, "tar")) == expected
    zips = save(tmp_path / "week.zip", zipped(inner, method))
    assert sheets_in(zips, survey_archive(zips, "zip")) == expected


def test_many_patents_side_by_side_in_one_archive_keep_their_own_sheets(tmp_path: Path) -> None:
    flat = {
        name.rsplit("/", 1)[-1]: data
        for number, sheets in (("09123456", 2), ("09123457", 1))
        for name, data in patent_files(number, sheets).items()
    }
    path = write_tar(tmp_path / "flat.tar", flat)
    survey = survey_archive(path, "tar")
    assert [len(address.pictures) for address in survey.addresses] == [3, 2], "with the front page's repeat"
    assert sheets_in(path, survey) == [("US9123456B2", 2), ("US9123457B2", 1)]


def test_a_damaged_zip_in_a_week_does_not_cost_the_others(tmp_path: Path) -> None:
    good = zipped(patent_files("09123456", 1))
    files = {
        "a/bad.zip": good[: len(good) // 2],
        "a/good.zip": good,
        "a/deep.tar": b"",
        "a/sup.zip": zipped({}),
    }
    path = write_tar(tmp_path / "week.tar", files)
    survey = survey_archive(path, "tar")
    assert sheets_in(path, survey) == [("US9123456B2", 1)]
    assert [(name, reason.split(":")[0]) for name, reason in survey.left_out] == [
        ("a/bad.zip", "is a ZIP archive without a directory at its end"),
        ("a/deep.tar", "is an archive that is not read here; unpack it"),
        ("", "1 of the 4 archives inside hold no patent"),
    ]


def test_archives_deeper_than_two_are_named_and_not_opened(tmp_path: Path) -> None:
    deep = zipped({"two.zip": zipped({"three.zip": zipped(patent_files(sheets=1))})})
    path = save(tmp_path / "one.zip", deep)
    survey = survey_archive(path, "zip")
    assert not survey.addresses
    assert survey.left_out == [("two.zip/three.zip", "is an archive that is not read here; unpack it")]


def test_what_belongs_to_no_patent_is_counted_and_attachments_are_not(tmp_path: Path) -> None:
    files = patent_files(sheets=1)
    folder = next(iter(files)).split("/")[0]
    files[f"{folder}/{folder}-S00001.XML"] = b"<?xml version='1.0'?><ST26SequenceListing/>"
    path = save(tmp_path / "a.zip", zipped(files))
    assert survey_archive(path, "zip").left_out == []
    save(path, zipped({**files, "b.png": b"", "c.png": b"", "d.xml": b"<?xml version='1.0'?><a/>"}))
    assert [reason for _, reason in survey_archive(path, "zip").left_out][-1].startswith(
        "2 pictures inside belong to no patent"
    )


def test_the_documents_of_a_concatenated_file_are_told_apart_one_by_one() -> None:
    documents = [grant(f"0912345{n}", sheets=n).encode() for n in range(5)]
    found = list(pieces(io.BytesIO(b"\xef\xbb\xbf\n" + b"".join(documents))))
    assert [piece.data for piece in found] == documents
    assert [piece.start for piece in found] == [4 + sum(map(len, documents[:n])) for n in range(5)]


@pytest.mark.parametrize("step", [1, 7, 4096])
def test_where_a_stream_is_cut_into_blocks_does_not_matter(step: int) -> None:
    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or step, step))

    documents = [b"<?xml version='1.0'?>\n<a/>", b"<?xml version='1.0'?><b>" + b"x" * 5000 + b"</b>\n"]
    found = list(pieces(Dripping(b"".join(documents)), longest=100))
    assert [(piece.start, piece.length, piece.data is None) for piece in found] == [
        (0, len(documents[0]), False),
        (len(documents[0]), len(documents[1]), True),
    ]


def test_a_huge_concatenated_file_is_never_held_in_memory() -> None:
    document = grant().encode() + b" " * 100_000

    class Endless(io.RawIOBase):
        left = 400

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            return document if self.left >= 0 else b""

    tracemalloc.start()
    parts = survey_xml(Endless())  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(parts) == 400
    assert peak < 10_000_000


def test_a_week_of_text_without_images_is_counted_per_reason() -> None:
    documents = [grant(f"0912345{n}", sheets=n % 3).encode() for n in range(9)]
    parts = survey_xml(io.BytesIO(b"".join(documents) + b"<?xml version='1.0'?><sequence-cwu/>"))
    chosen, reasons = worth_reading(parts, lambda names: False, "beside it")
    assert not chosen
    assert reasons == [
        "3 of the 10 documents in this file are patents that name no drawings",
        "6 of the 10 documents in this file are patents whose drawings are not beside it",
        "1 of the 10 documents in this file are not patents in a form that is read here",
    ]


def test_a_concatenated_file_in_an_archive_gives_the_patents_whose_drawings_are_there(tmp_path: Path) -> None:
    first, second = patent_files("09123456", 2), patent_files("09123457", 1)
    xml = b"".join(data for files in (first, second) for name, data in files.items() if name.endswith("XML"))
    pictures = {name.split("/")[1]: data for name, data in second.items() if not name.endswith("XML")}
    path = save(tmp_path / "week.zip", zipped({"ipg200107.xml": xml, **pictures}))
    survey = survey_archive(path, "zip")
    assert sheets_in(path, survey) == [("US9123457B2", 1)]
    assert survey.left_out == [
        (
            "ipg200107.xml",
            "1 of the 2 documents in this file are patents whose drawings are not in the archive",
        )
    ]


def test_an_entity_that_laughs_a_billion_times_is_refused() -> None:
    xml = '<!DOCTYPE a [<!ENTITY l0 "lol">' + "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)
    )
    with pytest.raises(SourceError, match="declares the entity 'l0'"):
        parse_xml(f"{xml}]><a>&l9;</a>".encode())


@pytest.mark.parametrize(
    "declaration",
    [
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY x SYSTEM "http://127.0.0.1:9/x">',
        '<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;',
        "<!ENTITY % x \"<!ENTITY y 'z'>\"> %x;",
    ],
)
def test_entities_that_fetch_other_files_are_refused(declaration: str) -> None:
    with pytest.raises(SourceError, match="declares the entity"):
        parse_xml(f"<!DOCTYPE a [{declaration}]><a>&x;</a>".encode())


def test_a_dtd_is_not_loaded_and_its_named_characters_are_known() -> None:
    xml = b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a>5&deg;&mdash;&lt;&nosuch;</a>'
    assert parse_xml(xml).text == "5°—<&nosuch;"


def test_xml_damaged_or_nested_absurdly_deep_is_refused_with_the_place() -> None:
    with pytest.raises(SourceError, match="line 2"):
        parse_xml(b"<a>\n<b></a>")
    with pytest.raises(SourceError, match="nested deeper"):
        parse_xml(b"<a>" * 100_000)
    with pytest.raises(SourceError, match="damaged XML"):
        parse_xml(b"")
    with pytest.raises(SourceError, match="damaged XML"):
        parse_xml(b"<?xml version='1.0' encoding='no-such'?><a/>")


def test_elements_not_wanted_are_left_out_with_their_content() -> None:
    root = parse_xml(b"<a>1<claims><p>2</p>3</claims>4<p>5</p></a>", {"claims"})
    assert "".join(root.itertext()) == "145"


def test_a_compressed_archive_inside_an_archive_is_bounded(tmp_path: Path) -> None:
    assert LARGEST_INNER < 1 << 30
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.zip", b"")
    path = save(tmp_path / "a.zip", zipped({"inner.zip": b"PK" + bytes(100_000_000)}))
    ((name, reason),) = survey_archive(path, "zip").left_out
    assert (name, "would expand" in reason) == ("inner.zip", True)


def test_a_window_shows_its_part_and_nothing_else() -> None:
    window = Window(io.BytesIO(b"0123456789"), 3, 4)
    assert window.read() == b"3456"
    assert (window.seek(-1, 2), window.read(5), window.read()) == (3, b"6", b"")
    with pytest.raises(OSError, match="Invalid"):
        window.seek(-1)


def test_an_archive_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        open_within(tmp_path / "gone.zip", None)


def test_deflated_data_cut_short_says_so() -> None:
    data = zipped({"a": zlib.compress(bytes(range(256)) * 50)})
    file = io.BytesIO(data)
    ((entry,), _) = list_archive(file, "zip")
    short = type(entry)(**{**{name: getattr(entry, name) for name in entry.__slots__}, "packed": 5})
    with pytest.raises(SourceError, match="cut short"):
        read_entry(file, short, MOST)


@pytest.mark.parametrize("written", ['file="a-D00001.TIF"', "FILE='a-D00001.TIF'", 'File = "a-D00001.TIF"'])
def test_the_files_that_a_document_names_are_found_however_it_spells_them(written: str) -> None:
    (part,) = survey_xml(io.BytesIO(f"<us-patent-grant><img {written}/></us-patent-grant>".encode()))
    assert part.drawings == ("a-D00001.TIF",)
