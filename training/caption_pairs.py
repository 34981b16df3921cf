"""Generated patent-like titles and captions, in pairs, to measure a sentence embedding on.

The sentences are made from word lists by a seeded generator: a kind of object, sometimes a
qualifier and a purpose, in the wording of titles ("Teething mitten with strap") and of brief
descriptions ("FIG. 3 is a left side elevational view of the folding chair shown in FIG. 1").
Pairs range from paraphrases over the same object in other views to unrelated things.
"""

import numpy as np

OBJECTS = """armchair|bicycle frame|gear train|bottle cap|table lamp|pipe wrench|electric vehicle|
centrifugal pump|door hinge|speaker housing|teething mitten|running shoe|coffee maker|toothbrush handle|
wireless earphone|surgical stapler|syringe|drone propeller|solar panel bracket|water faucet|shower head|
baby stroller|pet collar|garden hose reel|fishing lure|golf club head|tennis racket|bicycle helmet|
vacuum cleaner|robot arm gripper|semiconductor package|printed circuit board|antenna array|
touch screen display|smart watch|camera lens|microscope stage|laser scanner|heat exchanger|
turbine blade|fuel injector|brake caliper|shock absorber|tire tread|wheel rim|steering wheel|
seat belt buckle|child car seat|wind turbine tower|concrete anchor|roof shingle|window frame|
door lock cylinder|padlock|key fob|paper shredder|ink cartridge|pencil sharpener|stapler|
ring binder|envelope|food container|drinking straw|pizza box|cutlery set|knife sharpener|
blender jar|rice cooker|refrigerator shelf|oven door|ice cream scoop|bread slicer|juice extractor|
hair dryer|razor cartridge|nail clipper|lipstick case|perfume bottle|hearing aid|wheelchair|
crutch|knee brace|stent|catheter tip|inhaler|pill dispenser|stethoscope|dental implant|
guitar pickup|drum pedal|piano key|music stand|toy building block|doll|board game|playing card holder|
backpack|suitcase wheel|umbrella frame|wallet|belt buckle|necklace clasp|finger ring|eyeglass frame|
zipper slider|coat hanger|clothes iron|washing machine drum|sewing machine needle|carpet tile|
mattress spring|pillow|bed frame|bookshelf|office desk|stool|bench|picture frame|candle holder|
light bulb|flashlight|battery pack|charging cable|electrical plug|circuit breaker|solenoid valve|
ball bearing|crankshaft|piston ring|timing belt|carburettor|spark plug|oil filter|exhaust muffler|
snow plough|lawn mower blade|chain saw|power drill|hammer|screwdriver bit|socket set|tape measure|
ladder|scaffold|wheelbarrow|shovel|tractor hitch|seed planter|milking machine|beehive|aquarium filter|
bird feeder|horse saddle|dog leash|cat litter box|boat anchor|kayak paddle|surfboard fin|ski binding|
snowboard|ice skate|skateboard truck|scooter|motorcycle fairing|aircraft wing|helicopter rotor|
parachute|rocket nozzle|satellite|telescope mount|compass|barometer|thermometer|scale|calculator|
keyboard|computer mouse|memory card|hard disk|server rack|cooling fan|heat sink|network switch""".replace(
    "\n", ""
).split("|")

SYNONYMS = {
    "armchair": "easy chair",
    "bottle cap": "closure for a bottle",
    "table lamp": "desk light",
    "electric vehicle": "battery-driven car",
    "running shoe": "sports footwear",
    "coffee maker": "coffee brewing machine",
    "vacuum cleaner": "suction cleaning appliance",
    "water faucet": "tap for water",
    "baby stroller": "pushchair for an infant",
    "smart watch": "wrist-worn computing device",
    "light bulb": "electric lamp",
    "flashlight": "torch",
    "wheelchair": "mobility chair for a disabled person",
    "exhaust muffler": "silencer for an engine",
    "food container": "storage box for food",
    "padlock": "portable lock",
    "backpack": "rucksack",
    "suitcase wheel": "caster for luggage",
    "eyeglass frame": "spectacles",
    "printed circuit board": "wiring substrate",
    "stool": "seat without a back",
    "hammer": "striking tool",
    "drone propeller": "rotor of an unmanned aerial vehicle",
    "hair dryer": "hot air blower for hair",
    "heat sink": "radiator for cooling an electronic part",
}
QUALIFIERS = """folding|portable|adjustable|modular|collapsible|wireless|magnetic|inflatable|ergonomic|
rotatable|transparent|disposable|insulated|telescopic|self-locking|flexible|rechargeable|decorative|stackable|
waterproof""".replace("\n", "").split("|")
PURPOSES = """with handle|with cover|having a locking mechanism|for use by children|with improved grip|
for outdoor use|and method of making the same|with integrated sensor|having a curved surface|
with removable base|for medical use|with cooling channel""".replace("\n", "").split("|")
VIEWS = """perspective|front|rear elevational|left side elevational|right side|top plan|bottom plan|
exploded perspective|cross-sectional|enlarged fragmentary|schematic""".replace("\n", "").split("|")


def sentence(thing: str, dice: np.random.Generator) -> str:
    """A title, a caption or a plain query about `thing`."""

    def pick(choices: list[str]) -> str:
        return choices[int(dice.integers(len(choices)))]

    named = thing if dice.random() < 0.5 else f"{pick(QUALIFIERS)} {thing}"
    figure = int(dice.integers(1, 12))
    forms = [
        named,
        f"{named.capitalize()} {pick(PURPOSES)}",
        f"FIG. {figure} is a {pick(VIEWS)} view of a {named}",
        f"FIG. {figure} is a {pick(VIEWS)} view of the {named} of FIG. 1",
        f"Fig. {figure} shows a {pick(VIEWS)} view of the {named} {pick(PURPOSES)}",
        f"The ornamental design for a {named}, as shown and described",
        f"a {pick(VIEWS)} view thereof, showing the {named} according to an embodiment of the invention",
    ]
    return pick(forms)


def pairs(count: int, seed: int) -> list[tuple[str, str]]:
    """`count` pairs: a third about the same object, a sixth about a synonym, the rest about two."""
    dice = np.random.default_rng(seed)
    made: list[tuple[str, str]] = []
    while len(made) < count:
        first = OBJECTS[int(dice.integers(len(OBJECTS)))]
        kind = dice.random()
        if kind < 1 / 3:
            second = first
        elif kind < 1 / 2:
            first = list(SYNONYMS)[int(dice.integers(len(SYNONYMS)))]
            second = SYNONYMS[first]
        else:
            second = OBJECTS[int(dice.integers(len(OBJECTS)))]
        made.append((sentence(first, dice), sentence(second, dice)))
    return made
