"""Names of companies without a word that tells what they are: what stands around them has to."""

from __future__ import annotations

import random

_BEGIN = (
    "Al Be Bo Bri Ca Chi Cla Co Da De Do E Fa Fi Fle Ga Glo Ha He I Jo Ka Ki Kla La Le Lo Lu Ma Me Mi Mo Na Ne No "
    "Nu O Pa Pe Pi Plo Po Qua Ra Re Ri Ro Sa Se Shi Sno So Spo Ta Te Ti To Tri Tru U Va Ve Vi Vo Wa Wi Xe Ya Yo Za "
    "Ze Zi Zo"
).split()
_MIDDLE = (
    "ba bi da di fi ga ka ko la le li lo lu ma me mi na ne ni no pa pi ra re ri ro sa se si so ta te ti to va ve vi xa zi zo"
).split()
_END = (
    "bit bo dle do dex fy gen gle go ing io ium ka la lio lix ly mo na nda nt ora po que ra rn ro rox ry sio ta tec "
    "ter tix to tra va ver via vo x zo"
).split()
_PIECES = (
    "Amber Apple Arc Ash Atlas Basket Beacon Bird Black Blue Bold Brave Bridge Bright Candle Cedar Circle Clear "
    "Cloud Copper Crow Day Deep Door Ever Fair Far Field Fire Fox Garden Ghost Glass Gold Good Grain Grand Green "
    "Half Harbor Hearth High Hill Hive Honey Iron Ivory Kite Ladder Lake Lamp Lark Leaf Light Lime Lion Little Long "
    "Loop Luna Maple Mint Moon Moss Night North Oak Ocean Old Olive Open Orange Otter Owl Paper Path Peak Pepper "
    "Pilot Pine Pixel Plain Point Port Prime Pure Quick Quiet Rain Rapid Raven Red Ridge River Rock Root Rose Salt "
    "Sea Seed Silver Sky Smart Snow South Spark Star Stone Storm Sun Swift Table Thistle Tide Tower Trail Tree True "
    "Twin Vine Wave West White Wild Willow Wind Wise Wolf Wood Yellow"
).split()
_LETTERS = "ABCDEFGHIKLMNOPRSTVWXZ"


def coined(chance: random.Random) -> str:
    """A name made of syllables, of ordinary words, or of letters."""
    syllables = chance.choice(_BEGIN) + "".join(chance.choices(_MIDDLE, k=chance.choice((0, 1, 1)))) + chance.choice(_END)
    one, other = chance.sample(_PIECES, 2)
    letters = "".join(chance.choices(_LETTERS, k=chance.choice((2, 3, 3, 4))))
    return chance.choice(
        (
            syllables, syllables, syllables, f"{one}{other.lower()}", f"{one}{other.lower()}", f"{one}{other}",
            f"{one} {other}", f"{one} & {other}", f"{one} {syllables}", one, f"{one}{chance.randrange(2, 99)}", letters,
        )
    )  # fmt: skip
