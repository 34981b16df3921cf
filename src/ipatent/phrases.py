"""Noun phrases before reference numerals: which words of English belong to a component's name."""

import re
from functools import lru_cache

DETERMINERS = frozenset(
    "a an the said each its their this that these those one any every another such both all either "
    "two three four five six seven eight nine ten several multiple many some plural".split()
)
INDEFINITE = frozenset("a an each one another every".split())
_DROPPED = frozenset(
    "first second third fourth fifth sixth respective corresponding same other said conventional "
    "exemplary illustrative illustrated typical suitable further additional particular associated "
    "aforementioned aforesaid mentioned described depicted shown so-called various particular "
    "individual adjacent preferred example next last present individual".split()
)
_BREAKS = DETERMINERS | frozenset(
    "and or but nor of to in on at by for from with without within into onto upon over under above below "
    "between among through throughout across along around about against toward towards via per as than "
    "like near beneath behind beside besides inside outside during until after before since while when "
    "where wherein whereby which who whom whose that if because although though however thus then hence "
    "there here not no only also too very more most less least even just still yet again once "
    "is are was were be been being am has have had having do does did doing can could may might must "
    "shall should will would it he she they we you i them him her us me itself themselves what how why "
    "comprise comprises comprising comprised include includes including included contain contains "
    "containing contained consist consists consisting show shows showing illustrate illustrates "
    "illustrating depict depicts depicting represent represents representing denote denotes denoting "
    "designate designates designating indicate indicates indicating indicated called named termed "
    "use uses using used make makes making made forms forming formed provide provides providing "
    "provided define defines defining defined connect connects connecting connected couple couples "
    "coupling coupled attach attaches attaching attached mounts mounted secure secures securing "
    "secured engage engages engaging engaged receive receives received move moves moved rotate rotates "
    "rotated drives driven hold holds held carry carries carried extend extends extending extended "
    "surround surrounds surrounding surrounded covers covered enclose encloses enclosed allow "
    "allows allowing enable enables enabling cause causes causing causes presses pushes pulls "
    "turns contacts contacting touches abuts abutting faces facing supports supporting "
    "supported fits fitted lies lie rests sits stands closes closed opens opened joins joined meets met "
    "passes passing passed enters leaves reaches exceeds equals equal sends sent sending transmits "
    "transmitted transmitting outputs inputs generates generating generated produces producing produced "
    "stores storing stored reads writes executes executing executed performs performing performed "
    "controls controlling determines determining determined calculates calculated detects detecting "
    "communicates operates operating operated accesses requests returns displays displaying "
    "so assuming based relative due according respectively thereof therein thereby therefrom together "
    "greater smaller larger lower-than up down out off away back-to et seq ie eg etc "
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_LABELLED = frozenset(
    "fig figs figure figures claim claims example examples embodiment embodiments equation equations eq "
    "eqs formula formulae no nos number numbers numeral numerals pat pats patent patents publication ser "
    "serial paragraph paragraphs grade version versions release day days week year years age ages value "
    "values factor time times ratio iso iec ieee din astm sae rfc en jis ansi ul pct wo ep us jp de cn kr "
    "gb seq id copyright experiment experiments trial trials comparative usc cfr art".split()
)
_LABELLED_WHEN_BARE = frozenset(
    "section sections page pages table tables order power scale test tests type view sheet sheets drawing "
    "drawings measurement application reference references ref refs chapter class line lines".split()
)
_AMBIGUOUS = frozenset(
    "covers supports controls contacts outputs inputs forms drives requests stands mounts holds faces "
    "turns rests fits displays presses opens uses".split()
)
_UNITS = frozenset(
    "mm cm dm m km nm um µm μm pm inch inches in. ft foot feet yard yards mil mils micron microns "
    "micrometer micrometers micrometre micrometres millimeter millimeters millimetre millimetres "
    "centimeter centimeters centimetre centimetres meter meters metre metres nanometer nanometers "
    "degree degrees deg radians percent pct c f k kelvin celsius fahrenheit v volt volts mv kv ma amp "
    "amps ampere amperes w kw mw watt watts hz khz mhz ghz kg g mg ug µg μg gram grams kilogram "
    "kilograms ton tons lb lbs pound pounds oz ounce ounces n nm newton newtons pa kpa mpa gpa psi bar "
    "bars torr rpm s sec secs seconds ms us µs μs ns min mins minute minutes h hr hrs hour hours "
    "day days week weeks month months year years times fold db dbm ohm ohms kohm pf nf uf µf bit bits "
    "byte bytes kb mb gb tb kbit mbit kbps mbps gbps dpi ppm ppb l ml dl ul µl μl liter liters litre "
    "litres gallon gallons mol mols mole moles mmol wt vol parts weight lux lumen lumens calories kcal "
    "j kj joules people persons users samples pieces items steps columns rows points more".split()
)
_GLUED_UNITS = frozenset(
    "mm cm dm km nm um pm kg mg ug kv mv ma kw mw hz db ml dl ul pa gb mb kb tb ms ns us bp fps st nd rd th "
    "v w k kb".split()
)
_ADJECTIVES = frozenset(
    "upper lower left right front rear inner outer top bottom middle central proximal distal side lateral "
    "male female positive negative input output horizontal vertical forward rearward inward outward "
    "internal external primary secondary main auxiliary large small long short movable fixed".split()
)
_ONLY_ADJECTIVES = _ADJECTIVES - frozenset("side front rear top bottom input output".split())
_ENDING_IN_ED = frozenset("bed seed feed reed shed sled led speed weed need breed steed embed".split())
_STAYING = frozenset(
    "bellows lens means chassis series gas bus canvas bias axis basis apparatus process access glass "
    "scissors pliers tongs glasses news press mass cross compass harness recess boss truss brass class "
    "plus minus status radius nucleus iris trellis ellipsis pelvis analysis synthesis hypothesis "
    "thermos kudos christmas pancreas always species headquarters stairs jeans pants shorts thus this "
    "https dns gps cms pos sms os as is its us".split()
)
_IRREGULAR = {
    "shelves": "shelf", "halves": "half", "knives": "knife", "leaves": "leaf", "wolves": "wolf",
    "calves": "calf", "loaves": "loaf", "feet": "foot", "teeth": "tooth", "vertices": "vertex",
    "indices": "index", "matrices": "matrix", "axes": "axis", "apices": "apex", "people": "person",
    "men": "man", "lenses": "lens", "gases": "gas", "buses": "bus", "axles": "axle", "dies": "die",
    "ties": "tie", "movies": "movie", "cookies": "cookie", "batteries": "battery", "media": "medium",
    "radii": "radius", "foci": "focus", "nuclei": "nucleus", "caches": "cache", "aches": "ache",
    "mice": "mouse", "dice": "die", "children": "child", "biases": "bias", "apertures": "aperture",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]")


_CONJUNCTIONS = frozenset(("and", "or"))
_RANKS = frozenset("first second third fourth fifth sixth seventh eighth".split())
_NOUN_LIKE = frozenset(
    "carry hold receive move rotate engage attach connect display return store read write stand rest pass "
    "contact support mount turn transmit request output input up down off".split()
)
_CHEMICAL = frozenset("substituent radical residue moiety alkyl aryl alkoxy halogen".split())
_CHEMICAL_WITH_A_LETTER = frozenset("group atom ring linker compound ligand monomer chain".split())


def is_break(word: str) -> bool:
    """Whether `word` (lower case) cannot stand inside a component's name."""
    if "/" in word and not _CONJUNCTIONS.isdisjoint(word.split("/")):
        return True
    return word in _BREAKS or (word.endswith("ly") and word not in ("assembly", "supply", "poly", "fly"))


def labels_something_else(word: str, bare: bool = False) -> bool:
    """Whether a number after `word` is no reference numeral: `FIG. 2`, `claim 1`, `Example 3`.

    `bare` is a word with neither article nor adjective: `Table 3`, but `the table 12`.
    """
    return word in _LABELLED or (bare and word in _LABELLED_WHEN_BARE)


def is_verb_or_noun(word: str) -> bool:
    """Whether `word` is a verb inside a phrase, but a noun at its end: `the covers 12`."""
    return word in _AMBIGUOUS


def is_participle(word: str) -> bool:
    """Whether `word` may belong to a name when an article stands before it: `a connecting rod`."""
    return word.endswith(("ing", "ed", "en")) and word in _BREAKS


def is_like_a_noun(word: str) -> bool:
    """Whether `word` belongs to a name when an article stands before it: `the carry handle 12`."""
    return word in _NOUN_LIKE


def is_rank(word: str) -> bool:
    """Whether `word` tells fellows apart by their order: `second`."""
    return word in _RANKS


def is_chemical(head: str, prefix: str) -> bool:
    """Whether what ends in `head` is no part but a piece of a molecule, as in `the substituent R1`."""
    return bool(prefix) and (head in _CHEMICAL or (head in _CHEMICAL_WITH_A_LETTER and prefix in "RXYZQLWA"))


def is_unit(word: str) -> bool:
    """Whether a number before `word` is a quantity."""
    return word in _UNITS


def is_glued_unit(letters: str) -> bool:
    """Whether `letters` directly behind a number make it a quantity: `12mm`."""
    return letters.lower() in _GLUED_UNITS if letters not in ("a", "m", "s") else False


def is_adjective(word: str) -> bool:
    """Whether `word` tells the place of a thing, as `upper` does in `the upper and lower arms`."""
    return word in _ADJECTIVES or word in _DROPPED


def is_noun(word: str) -> bool:
    """Whether a component's name can end in `word` (lower case)."""
    if len(word) < 2 or word in _ONLY_ADJECTIVES or word in _DROPPED or not _WORD.match(word):
        return False
    return not (word.endswith("ed") and word not in _ENDING_IN_ED) and word not in _LABELLED


def without_ranks(words: list[str]) -> list[str]:
    """The words without leading `first`, `said`, `respective`, which the numeral mostly makes superfluous."""
    start = 0
    while start < len(words) and words[start].lower() in _DROPPED:
        start += 1
    return words[start:]


@lru_cache(maxsize=4096)
def singular(noun: str) -> str:
    """The singular of an English noun; a noun that is no plural comes back as it is."""
    lower = noun.lower()
    stem, dash, last = lower.rpartition("-")
    if dash and last:
        return noun[: len(stem) + 1] + singular(noun[len(stem) + 1 :])
    if lower in _IRREGULAR:
        return _IRREGULAR[lower]
    if len(lower) < 4 or lower in _STAYING or not lower.endswith("s") or noun.isupper():
        return noun
    if lower.endswith(("ss", "us", "is", "ics", "ous")):
        return noun
    if lower.endswith("ies"):
        return noun[:-3] + "y"
    if lower.endswith(("ches", "shes", "xes", "sses", "zzes")):
        return noun[:-2]
    return noun[:-1]


def is_plural(noun: str) -> bool:
    """Whether the noun has the form of a plural."""
    return singular(noun) != noun
