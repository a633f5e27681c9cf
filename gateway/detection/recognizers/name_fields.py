"""Places and organisations where a field says that one follows: `City: Hope`, `"employer": "Square"`, `<street>…</street>`.

In a form an ordinary word is a town or a firm, which no tagger can tell from the word. Only fields that name nothing else
count: what stands behind `Location:` or `Client:` may be anything, and the first row of a table has such words side by side.
"""

from __future__ import annotations

from presidio_analyzer import EntityRecognizer

from gateway.detection.expressions import Places
from gateway.detection.recognizers.fields import ASSIGNED, ENDS, in_element
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer
from gateway.detection.recognizers.shapes import STRONG

_WHOSE = "(?:home|current|permanent|residential|mailing|postal|billing|shipping|delivery|street|birth)"
_OF_PLACES = (
    rf"(?:{_WHOSE}[ _-]?)?(?:city|town|village)|town ?/ ?city|city ?/ ?town|{_WHOSE}[ _-]?address|street|"
    r"address[ _-]?(?:line)?[ _-]?[1-3]|birth[ _-]?place|place[ _-]of[ _-](?:birth|residence)|residence|"
    r"home ?town|suburb|county"
)
_OF_FIRMS = (
    r"(?:(?:current|former|previous|last|parent|insurance)[ _-]?)?(?:company|employer)(?:[ _-]?name)?|"
    r"(?:firm|business|pharmacy|hotel)[ _-]?name|"
    r"(?:organi[sz]ation|bank|school|hospital|clinic|university|college|insurer)(?:[ _-]?name)?|"
    r"name[ _-]of[ _-](?:the[ _-])?(?:employer|company|bank|school|hospital|organi[sz]ation)|place[ _-]of[ _-]work|work ?place"
)
_FIRST = r"[A-Z\u00c0-\u00de\u0100-\u024f0-9]"
_PART = rf"{_FIRST}[A-Za-z0-9\u00c0-\u024f'’-]{{0,24}}"
_SMALL = r"(?:(?:of|the|and|upon|de|da|di|del|la|le|el|van|von|der|den|&|\+) ){0,2}"
_VALUE = rf"{_PART}(?:\.? {_SMALL}{_PART}){{0,5}}"
_FORM = r"(?:,? (?:Inc|Ltd|LLC|LLP|Corp|Co)\.?)?"
_SAYS_NOTHING = (
    r"(?:not|see|same|please|enter|select|choose|pick|type|your|my|what|which|who|how|when|where|why|is|are|if|to)(?![A-Za-z0-9-])|"
    r"(?:n/?a|no|none|nil|null|yes|true|false|unknown|undisclosed|unspecified|tb[acd]|any|all|others?|self|self-employed|unemployed|"
    r"retired|various|multiple|remote|online|private|public|confidential|required|optional|string|str|text|varchar|char|int|integer|"
    r"number|object|array|list|dict|name|value|field|default|example|label|input|active|primary|secondary|redacted|city|town|village|"
    r"street|address|county|residence|company|employer|organi[sz]ation|bank|insurer|school|university|college|hospital|clinic|"
    r"location|total|subtotal|day|small|medium|large|permanent|temporary|(?:full|part)[ -]time|(?:in|out)patient|elementary)"
    r"(?! ?(?:[A-Za-z0-9&]|-[A-Za-z]))"
)
_HEADING = (
    r"(?:overview|summary|introduction|description|details|background|status|structure|culture|size|polic(?:y|ies)|pricing|benefits|"
    r"roles?|goals?|mission|vision|values|history|news|services|products|strategy|performance|trends?|rankings?|costs?|growth|tips)"
    r"(?:[ ]and[ ][A-Za-z]{1,24})?(?![ ]?[A-Za-z0-9&]|-[A-Za-z])"
)
"""What a list of points says of any company: `- **Organization:** Structure and Roles`."""
_OF_A_PROGRAM = r"(?!Mc|Mac|De|La|Le|Du|Van|Fitz)[A-Z][a-z]+[A-Z]"
_BARE_NUMBER = r"[0-9]+(?![A-Za-z0-9 .-])"
_SOMETHING = rf"(?!(?ai:{_SAYS_NOTHING}|{_HEADING})|{_OF_A_PROGRAM}|{_BARE_NUMBER})(?=[^\n]{{0,12}}[A-Za-z])"
"""Not what says that nobody filled it in, nor the class or the call that a program has there, nor a bare number."""
_BEGINS = r"(?<![A-Za-z0-9])(?<![A-Za-z0-9] )(?<![A-Za-z0-9][.-])"
"""A field, not the last word of a sentence before a colon."""


def _forms(fields: str, value: str) -> tuple[tuple[str, float], ...]:
    told = rf"(?P<start>){_SOMETHING}{value}(?!\()"
    return (rf"{_BEGINS}(?ai:{fields}){ASSIGNED}{told}{ENDS}", STRONG), (in_element(fields, told), STRONG)


def name_field_recognizers() -> tuple[EntityRecognizer, ...]:
    """One for places, one for organisations."""
    kinds = (("LOCATION", "NamedPlace", _OF_PLACES, _VALUE), ("ORGANIZATION", "NamedOrganization", _OF_FIRMS, _VALUE + _FORM))
    return tuple(
        CheckedPatternRecognizer(
            entity,
            _forms(fields, value),
            name=name,
            gate=[rf"(?i)(?:{fields})(?:{ASSIGNED}|>)"],
            starts=Places(rf"(?i)<?(?:{fields})"),
        )
        for entity, name, fields, value in kinds
    )
