"""Small patents as the USPTO delivers them: XML of several ages, TIFF sheets, ZIPs and tars of them."""

import io
import tarfile
import zipfile
from pathlib import Path

from patent_files import drawing

_SYMBOL = (
    "<section>{0}</section><class>{1}</class><subclass>{2}</subclass>"
    "<main-group>{3}</main-group><subgroup>{4}</subgroup>"
)


def tiff(seed: int = 1, width: int = 300, height: int = 400) -> bytes:
    """One sheet as the USPTO stores it: one bit per pixel, Group 4."""
    stream = io.BytesIO()
    drawing(seed, width, height).convert("1").save(stream, "TIFF", compression="group4")
    return stream.getvalue()


def sheet_names(stem: str, sheets: int) -> list[str]:
    """The drawing files of a patent: the front page's repeat, then its sheets."""
    return [f"{stem}-D{number:05d}.TIF" for number in range(sheets + 1)]


def grant(
    number: str = "09123456",
    kind: str = "B2",
    sheets: int = 2,
    title: str = "Folding <i>stool</i>",
    body: str = "",
) -> str:
    """A grant by ST.36, v4.5."""
    stem = f"US{number}-20200107"
    names = sheet_names(stem, sheets) if sheets else []
    figures = "".join(
        f'<figure id="F{n}" num="{n:05d}"><img id="I{n}" file="{name}"/></figure>'
        for n, name in enumerate(names)
    )
    main, further = _SYMBOL.format("A", "47", "C", "9", "10"), _SYMBOL.format("A", "47", "C", "4", "28")
    body = body or (
        '<?BRFSUM description="Brief Summary" end="lead"?>'
        '<heading id="h1" level="1">Background</heading><p id="p1">Stools are known.</p>'
        '<?BRFSUM description="Brief Summary" end="tail"?>'
        '<?brief-description-of-drawings description="Brief Description of Drawings" end="lead"?>'
        '<description-of-drawings><heading id="h2" level="1">Figures</heading>'
        '<p id="p2"><figref idref="DRAWINGS">FIG. <b>1</b></figref> is a perspective view of a stool; and</p>'
        '<p id="p3"><figref idref="DRAWINGS">FIGS. <b>2</b>A and <b>2</b>B</figref> are sections of it.</p>'
        "</description-of-drawings>"
        '<?brief-description-of-drawings description="Brief Description of Drawings" end="tail"?>'
        '<heading id="h4" level="1">Detailed description</heading>'
        '<p id="p4">A leg <b>10</b> carries<br/>a seat.<ul><li>a hinge (12)</li></ul></p>'
        "<tables><table><p>NOT THIS</p></table></tables>"
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE us-patent-grant SYSTEM "us-patent-grant-v45-2014-04-03.dtd" [ ]>
<us-patent-grant lang="EN" dtd-version="v4.5 2014-04-03" file="{stem}.XML" country="US">
<us-bibliographic-data-grant>
<publication-reference><document-id><country>US</country><doc-number>{number}</doc-number>
<kind>{kind}</kind><date>20200107</date></document-id></publication-reference>
<application-reference appl-type="utility"><document-id><country>US</country>
<doc-number>15123456</doc-number><date>20180301</date></document-id></application-reference>
<classifications-ipcr><classification-ipcr>{main}</classification-ipcr></classifications-ipcr>
<classifications-cpc><main-cpc><classification-cpc>{main}</classification-cpc></main-cpc>
<further-cpc><classification-cpc>{further}</classification-cpc></further-cpc></classifications-cpc>
<classification-national><country>US</country><main-classification>297 16.1</main-classification>
<further-classification>D 6601</further-classification></classification-national>
<invention-title id="t">{title}</invention-title>
<us-references-cited><us-citation><patcit num="1"><document-id><doc-number>1</doc-number></document-id>
</patcit><classification-cpc-text>H01L 1/00</classification-cpc-text></us-citation></us-references-cited>
<us-parties><us-applicants><us-applicant app-type="applicant"><addressbook>
<orgname>Stool &amp; Sons</orgname></addressbook></us-applicant></us-applicants>
<inventors><inventor><addressbook><last-name>Lee</last-name><first-name>Ann B.</first-name></addressbook>
</inventor></inventors></us-parties>
</us-bibliographic-data-grant>
<abstract id="a"><p id="p-1">A stool &#x2014; it folds.</p></abstract>
<drawings id="DRAWINGS">{figures}</drawings>
<description id="description">{body}
<maths><math><mi>x</mi></math><img file="{stem}-M00001.TIF"/></maths></description>
<claims id="claims"><claim id="c"><claim-text>A stool.</claim-text></claim></claims>
</us-patent-grant>
"""


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def patent_files(
    number: str = "09123456", sheets: int = 2, kind: str = "B2", seed: int = 1
) -> dict[str, bytes]:
    """A patent's XML and TIFFs under the names of a weekly archive."""
    stem = f"US{number}-20200107"
    files = {f"{stem}/{stem}.XML": grant(number, kind, sheets).encode()}
    for position, name in enumerate(sheet_names(stem, sheets)):
        files[f"{stem}/{name}"] = tiff(seed * 100 + max(position, 1))
    return files


def write_tar(path: Path, files: dict[str, bytes], form: int = tarfile.USTAR_FORMAT) -> Path:
    """A plain tar of these files."""
    with tarfile.open(path, "w", format=form) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    """These files, loose in one folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name.rsplit("/", 1)[-1]).write_bytes(data)
    return folder


ST32 = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE PATDOC SYSTEM "ST32-US-Grant-025xml.dtd" [
<!ENTITY {stem}-D00001.TIF SYSTEM "{stem}-D00001.TIF" NDATA TIF>
]>
<PATDOC DTD="2.5" STATUS="Build 20020101"><SDOBI><B100><B110><DNUM><PDAT>{number}</PDAT></DNUM></B110>
<B130><PDAT>{kind}</PDAT></B130><B140><DATE><PDAT>20020101</PDAT></DATE></B140><B190><PDAT>US</PDAT></B190></B100>
<B200><B220><DATE><PDAT>19991000</PDAT></DATE></B220></B200>
<B500><B510><B511><PDAT>{main}</PDAT></B511><B516><PDAT>7</PDAT></B516></B510>
<B520><B521><PDAT>{national}</PDAT></B521><B522><PDAT>705 26</PDAT></B522></B520>
<B540><STEXT><PDAT>Lamp with CO</PDAT><SB><PDAT>2</PDAT></SB></STEXT></B540>
<B560><B561><PCIT><DOC><DNUM><PDAT>5825759</PDAT></DNUM></DOC></PCIT></B561></B560></B500>
<B700><B720><B721><PARTY-US><NAM><FNM><PDAT>Ann</PDAT></FNM><SNM><STEXT><PDAT>Lee</PDAT></STEXT></SNM></NAM>
</PARTY-US></B721></B720><B730><B731><PARTY-US><NAM><ONM><STEXT><PDAT>Lamp Works</PDAT></STEXT></ONM></NAM>
</PARTY-US></B731></B730></B700></SDOBI>
<SDOAB><BTEXT><PARA ID="P1" LVL="0"><PTEXT><PDAT>A lamp &mdash; dim.</PDAT></PTEXT></PARA></BTEXT></SDOAB>
<SDODE><BRFSUM><BTEXT><H LVL="1"><STEXT><PDAT>Field</PDAT></STEXT></H>
<PARA ID="P2" LVL="0"><PTEXT><PDAT>Lamps.</PDAT></PTEXT></PARA></BTEXT></BRFSUM>
<DRWDESC><BTEXT><PARA ID="P3" LVL="0"><PTEXT><FGREF ID="D"><PDAT>FIG. 1</PDAT></FGREF>
<PDAT> is a front view of a lamp;</PDAT></PTEXT></PARA></BTEXT></DRWDESC>
<DETDESC><BTEXT><PARA ID="P4" LVL="0"><PTEXT><PDAT>A bulb 3 glows.</PDAT></PTEXT></PARA></BTEXT></DETDESC>
</SDODE>
<SDOCL><CL><CLM ID="C1"><PARA ID="P5" LVL="0"><PTEXT><PDAT>A lamp.</PDAT></PTEXT></PARA></CLM></CL></SDOCL>
<SDODR ID="DRAWINGS"><EMI ID="E0" FILE="{stem}-D00000.TIF"/><EMI ID="E1" FILE="{stem}-D00001.TIF"/></SDODR>
</PATDOC>
"""

PAP = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE patent-application-publication SYSTEM "pap-v16-2002-01-01.dtd" []>
<patent-application-publication><subdoc-bibliographic-information><document-id>
<doc-number>20020012345</doc-number><kind-code>A1</kind-code><document-date>20020131</document-date></document-id>
<domestic-filing-data><application-number><doc-number>09900000</doc-number></application-number>
<filing-date>20010705</filing-date></domestic-filing-data>
<technical-information><classification-ipc><classification-ipc-primary><ipc>F21V029/00</ipc>
</classification-ipc-primary></classification-ipc><classification-us><classification-us-primary><uspc>
<class>362</class><subclass>294000</subclass></uspc></classification-us-primary><classification-us-secondary><uspc>
<class>D26</class><subclass>001100</subclass></uspc></classification-us-secondary></classification-us>
<title-of-invention>Cooled lamp</title-of-invention></technical-information>
<inventors><first-named-inventor><name><given-name>Ann</given-name><family-name>Lee</family-name></name>
</first-named-inventor><inventor><name><given-name>Bo</given-name><middle-name>C.</middle-name>
<family-name>Ray</family-name><name-suffix>Jr.</name-suffix></name></inventor></inventors>
<assignee><organization-name>Lamp Works</organization-name></assignee></subdoc-bibliographic-information>
<subdoc-abstract><paragraph id="A1"><number>&lsqb;0000&rsqb;</number> A cool lamp.</paragraph>
</subdoc-abstract>
<subdoc-description><brief-description-of-drawings><heading lvl="1">Brief Description of Drawings</heading>
<paragraph id="P1"><number>&lsqb;0001&rsqb;</number> FIG. 1is a plan view.</paragraph>
<paragraph id="P2"><number>2.</number> <cross-reference target="DRAWINGS">FIG. 2</cross-reference>:
Exploded view.
</paragraph></brief-description-of-drawings><detailed-description><section><heading lvl="1">Detail</heading>
<paragraph id="P3"><number>3.</number> A fin 4 cools.</paragraph></section>
</detailed-description></subdoc-description>
<subdoc-claims><claim id="C1"><claim-text>A lamp.</claim-text></claim></subdoc-claims>
<subdoc-drawings id="DRAWINGS"><image id="E0" file="US20020012345A1-20020131-D00000.TIF"/>
<image id="E1" file="US20020012345A1-20020131-D00001.TIF"/></subdoc-drawings></patent-application-publication>
"""


def st32(
    number: str = "06336130", kind: str = "B1", main: str = "F21V 2900", national: str = "362294"
) -> str:
    """A grant by ST.32, v2.5."""
    return ST32.format(number=number, kind=kind, main=main, national=national, stem=f"US{number}-20020101")
