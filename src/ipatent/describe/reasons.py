"""Reasons: one sentence per drawing, kept only where it names something that can be seen."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from ipatent.describe.answers import is_forbidden
from ipatent.describe.prompt import plain
from ipatent.keywords import CAPTION_WORDS
from ipatent.language import SMALL_WORDS
from ipatent.patents import Figure, Patent
from ipatent.stems import stems
from ipatent.wording import tokens

LEAST, MOST = 8, 200
_SAID_AGAIN = 6
"""This many words in a row of the rules are a repetition of them."""

VISIBLE: Final[Mapping[str, frozenset[str]]] = {
    "en": frozenset(
        "round rounded circle circular oval elliptical square rectangle rectangular triangle triangular "
        "hexagonal polygonal sphere spherical cone conical cylinder cylindrical tube tubular box ring arch "
        "arched curve curved straight tapered flat flared thin thick narrow wide long short tall slanted "
        "angled vertical horizontal parallel symmetrical concave convex hollow ribbed grooved hatched dashed "
        "striped stepped folded hinged handle grip hinge leg foot lid cap cover base stand wheel spout arm "
        "back seat top bottom edge rim corner slot hole opening aperture groove rib ridge fin flange wall "
        "panel plate frame bar rod beam shaft gear tooth teeth spring screw bolt thread nut button knob key "
        "screen display lens lamp cable wire pipe nozzle valve pump housing body shell blade hook clip strap "
        "buckle pocket shelf drawer door window roof step rail track roller pattern grid mesh arrow node "
        "block line outline profile silhouette contour layer coil chip pin socket plug vent slit notch "
        "recess pedestal neck shoulder tip point spike lattice spiral wave zigzag".split()
    ),
    "de": frozenset(
        "rund kreis oval quadrat rechteck dreieck sechseck kugel kegel zylinder zylindrisch rohr ring bogen "
        "gebogen gerade flach schmal breit lang kurz hoch schräg senkrecht waagerecht parallel symmetrisch "
        "hohl gerippt gefaltet griff scharnier bein fuß deckel kappe sockel ständer rad arm lehne sitz kante "
        "rand ecke schlitz loch öffnung nut rippe flansch wand platte rahmen stab welle zahnrad zahn feder "
        "schraube gewinde mutter knopf taste bildschirm linse lampe kabel leitung düse ventil pumpe gehäuse "
        "körper schale klinge haken clip gurt schnalle tasche schublade fenster dach stufe schiene rolle "
        "muster gitter pfeil umriss profil spule stift buchse stecker kerbe vertiefung spitze spirale".split()
    ),
    "fr": frozenset(
        "rond cercle circulaire ovale carré rectangle rectangulaire triangle triangulaire sphère cône "
        "cylindre cylindrique tube anneau arc courbe courbé droit plat mince étroit large long court haut "
        "incliné vertical horizontal parallèle symétrique creux nervuré plié poignée charnière pied jambe "
        "couvercle capuchon base socle support roue bras dossier siège bord coin fente trou ouverture "
        "rainure nervure bride paroi panneau plaque cadre barre tige arbre engrenage dent ressort vis filet "
        "écrou bouton écran lentille lampe câble fil tuyau buse soupape pompe boîtier corps coque lame "
        "crochet sangle boucle poche tiroir porte fenêtre toit marche rail rouleau motif grille flèche "
        "contour profil bobine broche prise encoche pointe spirale".split()
    ),
}
"""Words for what can be seen in a drawing; the words of a figure's own texts are added to them."""


def checked(
    said: Sequence[str], shown: Sequence[tuple[Figure, Patent]], sought: str, rules: str, language: str
) -> tuple[str, ...]:
    """The reasons that may be shown, empty for each that may not; in the order of `said` and `shown`.

    One that holds a link, markup or an instruction goes, one that repeats the `rules`, the words
    `sought` or the caption, one that two drawings have in common, and one that names neither a
    visible feature nor a term of its drawing. Of several sentences the first is taken.
    """
    sentences = [_sentence(text) for text in said]
    often = Counter(" ".join(tokens(sentence)) for sentence in sentences)
    ruled = f" {' '.join(tokens(rules))} "
    return tuple(
        sentence
        if often[" ".join(tokens(sentence))] == 1
        and _is_telling(sentence, figure, patent, sought, ruled, language)
        else ""
        for sentence, (figure, patent) in zip(sentences, shown, strict=True)
    )


def _sentence(text: str) -> str:
    return re.split(r"(?<=[^\W\d_]{3}[.!?])\s", plain(text), maxsplit=1)[0]


def _is_telling(
    sentence: str, figure: Figure, patent: Patent, sought: str, ruled: str, language: str
) -> bool:
    words = tokens(sentence)
    if not LEAST <= len(sentence) <= MOST or len(words) < 3 or is_forbidden(sentence):
        return False
    if words in (tokens(sought), tokens(figure.caption), tokens(patent.title)) or _repeats(words, ruled):
        return False
    own = [
        word
        for text in (figure.caption, figure.depicts, *figure.terms, patent.title)
        for word in tokens(text)
        if len(word) > 2
        and word not in CAPTION_WORDS
        and not any(word in some for some in SMALL_WORDS.values())
    ]
    seen = VISIBLE.get(language, frozenset())
    if language == "de" and any(part in word for word in words for part in seen if len(part) > 3):
        return True  # parts of compounds
    folded = [one for word in seen for one in tokens(word)]
    return not set(stems(words)).isdisjoint(stems([*own, *folded]))


def _repeats(words: list[str], ruled: str) -> bool:
    runs = (words[at : at + _SAID_AGAIN] for at in range(max(1, len(words) - _SAID_AGAIN + 1)))
    return any(f" {' '.join(run)} " in ruled for run in runs)
