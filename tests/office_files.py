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


def ep_document(
    number: str = "2912867", kind: str = "B1", drawings: tuple[str, ...] = ("imgf0001.tif", "imgf0002.tif")
) -> str:
    """A publication of the EPO as full text, v1.7: titles in three languages, sheets of several figures."""
    figures = "".join(
        f'<figure id="f{n}" num="{2 * n - 1},{2 * n}"><img id="if{n}" file="{name}" img-format="tif"/></figure>'
        for n, name in enumerate(drawings, 1)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ep-patent-document PUBLIC "-//EPO//EP PATENT DOCUMENT 1.7//EN" "ep-patent-document-v1-7.dtd">
<ep-patent-document id="EP12783558B1" file="EP12783558NWB1.xml" lang="en" country="EP" doc-number="{number}"
 kind="{kind}" date-publ="20250129" status="n" dtd-version="ep-patent-document-v1-7">
<SDOBI lang="en"><B000><eptags><B001EP>AT</B001EP></eptags></B000>
<B100><B110>{number}</B110><B120><B121>EUROPEAN PATENT SPECIFICATION</B121></B120><B130>{kind}</B130>
<B140><date>20250129</date></B140><B190>EP</B190></B100>
<B200><B210>12783558.5</B210><B220><date>20121029</date></B220></B200>
<B300><B310>201161581832 P</B310><B320><date>20111230</date></B320><B330><ctry>US</ctry></B330>
<B310>1118</B310><B320><date>20111031</date></B320><B330><ctry>GB</ctry></B330></B300>
<B500><B510EP><classification-ipcr sequence="1"><text>A47C   9/10        20060101AFI20240805BHEP        </text>
</classification-ipcr></B510EP><B520EP><classifications-cpc><classification-cpc sequence="1">
<text>A47C   4/28        20130101 FI20210101RHEP        </text></classification-cpc></classifications-cpc></B520EP>
<B540><B541>de</B541><B542>KLAPPHOCKER</B542><B541>en</B541><B542>FOLDING STOOL</B542>
<B541>fr</B541><B542>TABOURET PLIANT</B542></B540>
<B560><B561><text>EP-A- 0 528 631</text></B561></B560></B500>
<B700><B720><B721><snm>Lee, Ann B.</snm><adr><str>1 Way</str><city>Bern</city><ctry>CH</ctry></adr></B721></B720>
<B730><B731><snm>Stool &amp; Sons</snm><iid>1</iid><adr><city>Bern</city><ctry>CH</ctry></adr></B731></B730></B700>
</SDOBI>
<abstract id="abst" lang="en"><p id="pa01" num="0001">A stool that folds.<img id="iaf01" file="imgaf001.tif"/></p>
</abstract>
<description id="desc" lang="en"><heading id="h1"><b>BRIEF DESCRIPTION OF THE DRAWINGS</b></heading>
<p id="p1" num="0001"><ul><li><figref idref="f0001">Figure 1</figref> is a perspective view of a stool;</li>
<li><figref idref="f0002">Figures 3 and 4</figref> show its legs.</li></ul></p>
<heading id="h2">DETAILED DESCRIPTION</heading><p id="p2" num="0002">A leg 10 carries a seat 12.
<img id="ib1" file="imgb0001.tif"/></p></description>
<claims id="claims01" lang="en"><claim id="c1" num="0001"><claim-text>A stool.</claim-text></claim></claims>
<drawings id="draw" lang="en">{figures}</drawings>
</ep-patent-document>
"""


def wo_application(drawings: str = '<doc-page id="d1" file="000005.tif" type="tif"/>') -> str:
    """An international application as WIPO publishes it by ST.36."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<wo-published-application lang="fr" country="WO">
<wo-bibliographic-data><publication-reference><document-id><country>WO</country>
<doc-number>2020/012345</doc-number><kind>A1</kind><date>20200116</date></document-id></publication-reference>
<application-reference appl-type="international"><document-id><country>IB</country>
<doc-number>2019/055555</doc-number><date>20190701</date></document-id></application-reference>
<priority-claims><priority-claim sequence="1" kind="national"><country>FR</country><doc-number>1800</doc-number>
<date>20180710</date></priority-claim></priority-claims>
<classifications-ipcr><classification-ipcr><section>A</section><class>47</class><subclass>C</subclass>
<main-group>9</main-group><subgroup>10</subgroup></classification-ipcr></classifications-ipcr>
<invention-title lang="fr">Tabouret</invention-title><invention-title lang="en">Stool</invention-title>
<parties><applicants><applicant sequence="1"><addressbook lang="en"><name>TABOURETS SA</name></addressbook>
</applicant></applicants><inventors><inventor><addressbook><last-name>Roux</last-name>
<first-name>Zoé</first-name></addressbook></inventor></inventors></parties></wo-bibliographic-data>
<abstract lang="fr"><p>Un tabouret.</p></abstract><abstract lang="en"><p>A stool.</p></abstract>
<drawings>{drawings}</drawings></wo-published-application>
"""


DOCDB = """<?xml version="1.0" encoding="UTF-8"?>
<ops:world-patent-data xmlns:ops="http://ops.epo.org" xmlns="http://www.epo.org/exchange"><exchange-documents>
<exchange-document country="EP" doc-number="1000000" kind="A1" family-id="54321"><bibliographic-data>
<publication-reference><document-id document-id-type="epodoc"><doc-number>EP1000000</doc-number></document-id>
<document-id document-id-type="docdb"><country>EP</country><doc-number>1000000</doc-number><kind>A1</kind>
<date>20000517</date></document-id></publication-reference>
<application-reference><document-id><date>19981102</date></document-id></application-reference>
<priority-claims><priority-claim><document-id><date>19971103</date></document-id></priority-claim></priority-claims>
<classifications-ipcr><classification-ipcr><text>A01B   1/00        20060101A I20051008RMEP</text>
</classification-ipcr></classifications-ipcr>
<parties><applicants><applicant data-format="epodoc"><applicant-name><name>SPADES BV [NL]</name></applicant-name>
</applicant><applicant data-format="original"><applicant-name><name>Spades B.V.</name></applicant-name></applicant>
</applicants><inventors><inventor data-format="epodoc"><inventor-name><name>KLEIN JAN [NL]</name></inventor-name>
</inventor></inventors></parties><invention-title lang="de">Spaten</invention-title>
<invention-title lang="en">Spade</invention-title></bibliographic-data>
<abstract lang="en"><p>A spade.</p></abstract></exchange-document></exchange-documents></ops:world-patent-data>
"""

ST96 = """<?xml version="1.0" encoding="UTF-8"?>
<jppat:UnexaminedPatentPublication xmlns:jppat="http://www.jpo.go.jp/standards/XMLSchema/ST96/JPPatent"
 xmlns:pat="http://www.wipo.int/standards/XMLSchema/ST96/Patent"
 xmlns:com="http://www.wipo.int/standards/XMLSchema/ST96/Common" com:languageCode="ja">
<pat:PatentGrantBibliographicData><pat:PatentPublicationIdentification><com:IPOfficeCode>JP</com:IPOfficeCode>
<pat:PublicationNumber>2024123456</pat:PublicationNumber><com:PatentDocumentKindCode>A</com:PatentDocumentKindCode>
<pat:PatentPublicationDate>2024-09-12</pat:PatentPublicationDate></pat:PatentPublicationIdentification>
<pat:ApplicationIdentification><com:IPOfficeCode>JP</com:IPOfficeCode><com:ApplicationNumber>
<com:ApplicationNumberText>2023031415</com:ApplicationNumberText></com:ApplicationNumber>
<pat:FilingDate>2023-03-01</pat:FilingDate></pat:ApplicationIdentification>
<pat:PriorityClaimBag><pat:PriorityClaim com:sequenceNumber="1"><com:IPOfficeCode>US</com:IPOfficeCode>
<pat:FilingDate>2022-03-02</pat:FilingDate></pat:PriorityClaim></pat:PriorityClaimBag>
<pat:ReferenceCitationBag><pat:InventionTitle com:languageCode="en">Not this</pat:InventionTitle>
</pat:ReferenceCitationBag>
<pat:PatentClassificationBag><pat:IPCRClassificationBag><pat:IPCRClassification><pat:Section>A</pat:Section>
<pat:Class>47</pat:Class><pat:Subclass>C</pat:Subclass><pat:MainGroup>9</pat:MainGroup><pat:Subgroup>10</pat:Subgroup>
</pat:IPCRClassification></pat:IPCRClassificationBag></pat:PatentClassificationBag>
<pat:InventionTitleBag><pat:InventionTitle com:languageCode="ja">折り畳み椅子</pat:InventionTitle>
<pat:InventionTitle com:languageCode="en">Folding stool</pat:InventionTitle></pat:InventionTitleBag>
<pat:PartyBag><pat:ApplicantBag><pat:Applicant><com:PublicationContact><com:Name><com:OrganizationName>
<com:OrganizationStandardName>Isu KK</com:OrganizationStandardName></com:OrganizationName></com:Name>
</com:PublicationContact></pat:Applicant></pat:ApplicantBag><pat:InventorBag><pat:Inventor><com:PublicationContact>
<com:Name><com:PersonName><com:PersonStructuredName><com:FirstName>Aki</com:FirstName>
<com:LastName>Mori</com:LastName></com:PersonStructuredName></com:PersonName></com:Name></com:PublicationContact>
</pat:Inventor></pat:InventorBag></pat:PartyBag></pat:PatentGrantBibliographicData>
<pat:Abstract><pat:P>A stool.</pat:P></pat:Abstract>
<pat:Description><pat:DrawingDescription><pat:P>FIG. 1 is a front view of a stool.</pat:P></pat:DrawingDescription>
</pat:Description>
<pat:Drawings><pat:Figure><pat:FigureNumber>1</pat:FigureNumber><com:Image>
<com:FileName>JP2024-000001.tif</com:FileName><com:ImageFormatCategory>TIFF</com:ImageFormatCategory></com:Image>
</pat:Figure><pat:Figure><pat:FigureNumber>2</pat:FigureNumber><com:Image><com:FileName>JP2024-000002.tif</com:FileName>
</com:Image></pat:Figure></pat:Drawings></jppat:UnexaminedPatentPublication>
"""
