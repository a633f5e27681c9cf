"""Nations, peoples and believers by a closed list: whom the network takes for a town or a person, or for nobody.

The list only says what a word is that the network found; of itself it finds one where the text says that somebody is such a
one (`a Vietnamese man`, `I am Yazidi`), for most of these words are languages and kinds of food as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from gateway.detection.taggers.name_rules import NameRule
from gateway.detection.taggers.sieve import Tag

_NATIONS = """
    Afghan Albanian Algerian Andorran Angolan Argentine Argentinian Armenian Australian Austrian Azerbaijani Bahamian Bahraini
    Bangladeshi Barbadian Belarusian Belgian Belizean Beninese Bhutanese Bolivian Bosnian Brazilian British Bruneian Bulgarian
    Burkinabe Burmese Burundian Cambodian Cameroonian Canadian Chadian Chilean Chinese Colombian Comorian Congolese Croatian
    Cuban Cypriot Czech Danish Djiboutian Dutch Ecuadorian Egyptian Emirati English Eritrean Estonian Ethiopian Fijian Filipino
    Filipina Finnish French Gabonese Gambian German Ghanaian Greek Grenadian Guatemalan Guinean Guyanese Haitian Honduran
    Hungarian Icelandic Indian Indonesian Iranian Iraqi Irish Israeli Italian Ivorian Jamaican Japanese Jordanian Kazakh Kenyan
    Korean Kosovar Kuwaiti Kyrgyz Laotian Latvian Lebanese Liberian Libyan Lithuanian Macedonian Malagasy Malawian Malaysian
    Maldivian Malian Maltese Mauritanian Mauritian Mexican Moldovan Mongolian Montenegrin Moroccan Mozambican Namibian Nepalese
    Nepali Nicaraguan Nigerian Nigerien Norwegian Omani Pakistani Palestinian Panamanian Paraguayan Peruvian Polish Portuguese
    Qatari Romanian Russian Rwandan Salvadoran Samoan Saudi Scottish Senegalese Serbian Singaporean Slovak Slovakian Slovene
    Slovenian Somali Spanish Sudanese Surinamese Swazi Swedish Swiss Syrian Taiwanese Tajik Tanzanian Thai Togolese Tongan
    Trinidadian Tunisian Turkish Turkmen Ugandan Ukrainian Uruguayan Uzbek Venezuelan Vietnamese Welsh Yemeni Zambian Zimbabwean
"""
_PEOPLES = """
    Aboriginal Amhara Arab Ashanti Assyrian Bashkir Basque Bedouin Bengali Berber Breton Catalan Chechen Cherokee Chuvash Copt
    Coptic Dinka Flemish Fulani Galician Gujarati Hausa Hazara Hispanic Hmong Igbo Ingush Inuit Javanese Kabyle Karen Kashmiri
    Kikuyu Kurd Kurdish Latina Latino Latinx Lingala Maori Māori Mapuche Maratha Mayan Navajo Oromo Ossetian Pashtun Punjabi
    Quechua Romani Rohingya Sami Sikh Sinhalese Swahili Tamil Tatar Telugu Tibetan Tigrayan Tigrinya Tswana Tutsi Hutu Uighur
    Uyghur Walloon Wolof Xhosa Yakut Yoruba Zulu
"""
_BELIEVERS = """
    Adventist Agnostic Alevi Anglican Atheist Baptist Buddhist Calvinist Catholic Druze Evangelical Hindu Jain Jewish Lutheran
    Methodist Mormon Muslim Orthodox Parsi Pentecostal Presbyterian Protestant Quaker Rastafarian Shia Shi'ite Sunni Yazidi
    Yezidi Zoroastrian
"""
_NAMES_TOO = frozenset({"Karen", "German", "Jain", "Latina"})
"""What is as often somebody's or something's name is believed only behind words that say so."""
_ALL = frozenset(f"{_NATIONS}{_PEOPLES}{_BELIEVERS}".split())
_WORDS = "|".join(sorted(_ALL, key=len, reverse=True))
_WHO = (
    "m[ae]n|wom[ae]n|guys?|lad(?:y|ies)|girls?|boys?|child(?:ren)?|kids?|teenagers?|couples?|famil(?:y|ies)|parents?|mother|father|"
    "wife|husband|son|daughter|brother|sister|colleagues?|neighbou?rs?|friends?|girlfriend|boyfriend|fianc[ée]e?|citizens?|"
    "nationals?|passport|nationality|citizenship|descent|origin|heritage|ancestry|background|immigrants?|migrants?|refugees?|"
    "patients?|clients?|tenants?|defendants?|applicants?|claimants?|suspects?|victims?|au pair|nanny|males?|females?|speakers?|"
    "speaking|born"
)
_IS = (
    r"(?:I['’]?m|I am|[Hh]e(?:['’]s| is| was)|[Ss]he(?:['’]s| is| was)|[Tt]hey(?:['’]re| are| were)|[Ww]e(?:['’]re| are)|"
    "(?:my|his|her|their|our) (?:wife|husband|mother|father|mum|mom|dad|parents|partner|family|boss|neighbou?r) "
    "(?:is|are|was|were))"
)
_FORM = re.compile(
    rf"(?<![\w-])(?:(?P<before>{_WORDS})(?=[ -](?:{_WHO})(?![\w-]))|"
    rf"{_IS} (?:(?:an?|originally|also|half|part|ethnically) ){{0,2}}(?P<behind>{_WORDS})(?![\w-]| [A-Za-z]{{3}}))"
)
_SCORE = 0.8


def as_groups(text: str, tags: Iterable[Tag]) -> Iterator[Tag]:
    """`tags`, where a place, a firm or a person that is a word of the list is a group."""
    for tag in tags:
        is_other = tag.entity != "NRP" and tag.end - tag.start < _LONGEST
        yield replace(tag, entity="NRP") if is_other and _is_a_group(text[tag.start : tag.end]) else tag


def _is_a_group(value: str) -> bool:
    word = value if value in _ALL else value.removesuffix("s")
    return word in _ALL and word not in _NAMES_TOO


def _find(text: str) -> Iterator[Tag]:
    for found in _FORM.finditer(text):
        yield Tag(*found.span("before" if found["before"] else "behind"), "NRP", _SCORE)


_LONGEST = max(map(len, _ALL)) + 2
_MAY_SAY = rf"(?:{_WORDS})[ -](?:{_WHO})|{_IS} (?:(?:an?|originally|also|half|part|ethnically) ){{0,2}}(?:{_WORDS})"
GROUPS = NameRule((_MAY_SAY,), _find)
"""Those of whom the text says it."""
