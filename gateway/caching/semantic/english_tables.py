"""What is known to make no difference in English. Pure data: every line is a claim that answers stay the same."""

from __future__ import annotations

from collections.abc import Sequence

PHRASES: Sequence[tuple[str, str]] = (
    ("set up", "setup"), ("back up", "backup"), ("web site", "website"), ("per cent", "percent"),
    ("mobile phone", "cellphone"), ("cell phone", "cellphone"), ("because of the fact that", "because"),
    ("log in to", "login"), ("log into", "login"), ("sign in to", "login"), ("sign into", "login"), ("log on to", "login"),
    ("log out of", "logout"), ("sign out of", "logout"), ("switch on", "turn on"), ("switch off", "turn off"),
)  # fmt: skip
"""Applied in order, each to what the one before it left. `log in` alone is not `sign in`: one may log, and sign, in Java."""

_ONE = r"((?:(?! (?:and|from|or) ).)+)"
"""One thing: of `cats and dogs` and wolves there are two differences, or three."""

_DO = (
    "activate add attach backup begin block build cancel change clean clone close compile configure connect convert copy "
    "create deactivate debug delete deploy disable disconnect download edit enable encrypt export extract fix format "
    "hide import install login logout merge modify move open pair print register remove rename renew repair replace "
    "reset resize restart restore schedule send setup share start store submit subscribe sync transfer translate "
    "uninstall unlock unsubscribe update upgrade upload verify write"
).replace(" ", "|")
_WAY = rf"((?:{_DO}) .+)"
"""Something that is done to something: `how do I sleep at night` asks for no way to do it, and `how can I` does."""

_TWO = "\\1 \x02 \\2"
"""What no text holds parts the two: somebody may ask about `a | b`."""

FRAMES: Sequence[tuple[str, str, str]] = (
    (rf"(?:what is|what are|explain) the differences? between {_ONE} and {_ONE}", "difference", _TWO),
    (rf"(?:how (?:does|do|is|are)) {_ONE} (?:differ|different) from {_ONE}", "difference", _TWO),
    (rf"how (?:do|are) {_ONE} and {_ONE} (?:differ|different)", "difference", _TWO),
    (rf"in what (?:way|ways|respect) (?:does|do|is|are) {_ONE} (?:differ|different) from {_ONE}", "difference", _TWO),
    (r"how (?:long|much time) does it take to (.+)", "duration", r"\1"),
    (r"(?:how much|what) (?:does|do) (.+) cost( .+)?", "cost", r"\1\2"),
    (r"what is the cost of (.+)", "cost", r"\1"),
    (r"how many (.+) (?:are there|is there|exist)( .+)?", "count", r"\1\2"),
    (r"what is the (?:total )?number of (.+)", "count", r"\1"),
    (rf"how (?:do i|can i|i can|to) {_WAY}", "how to", r"\1"),
    (r"how (?:should i|i should) (.+)", "how should", r"\1"),
    (rf"what (?:is|are) the (?:way|method|procedure|process|steps|instructions) (?:to|for me to) {_WAY}", "how to", r"\1"),
    (rf"what steps (?:do|must|can) i (?:take|follow) to {_WAY}", "how to", r"\1"),
    (rf"(?:steps|instructions|guide) to {_WAY}", "how to", r"\1"),
    (rf"give me (?:the )?(?:steps|instructions) to {_WAY}", "how to", r"\1"),
    (r"(?:what|which) ((?:[a-z]+ )?[a-z]+s) (?:do|does) (.+) have", "what are", r"the \1 of \2"),
    (r"what are (.+)", "what are", r"\1"),
    (r"which city is the capital of (.+)", "what is", r"the capital of \1"),
    (r"(?:what is the meaning of|what is meant by) (.+)", "meaning", r"\1"),
    (
        r"what (?:does|do) (?!(?:he|she|it|this|that|these|those|they|you|we|i) )((?:[a-z0-9-]+|[A-Z]{2,})(?: (?:[a-z0-9-]+|"
        r"[A-Z][A-Z0-9]+))*) mean",
        "meaning",
        r"\1",
    ),
    (r"(?:define|(?:what is|give me) the definition of) (.+)", "definition", r"\1"),
    (r"what is (.+)", "what is", r"\1"),
    (r"(?:at what time|what time) (?!is it$)(.+)", "time", r"\1"),
    (r"where (?:can i|do i|i can) find (.+)", "where to find", r"\1"),
    (r"where (is|are) (.+) (?:located|situated)", "where", r"\1 \2"),
    (r"where ((?:is|are) .+)", "where", r"\1"),
    (r"who (?:wrote|authored|is the author of|was the author of) (.+)", "author", r"\1"),
    (r"who (?:invented|is the inventor of|was the inventor of) (.+)", "inventor", r"\1"),
    (r"who ((?:is|are|was|were) .+)", "who", r"\1"),
    (r"(?:is it possible to|is there a way to) (.+)", "possible", r"\1"),
    (r"(?:may i|am i allowed to|am i permitted to) (.+)", "may", r"\1"),
    (r"(?:is it allowed to|is it permitted to|is it permissible to) (.+)", "allowed", r"\1"),
    (r"(?:must i|do i have to) (.+)", "must", r"\1"),
    (r"(?:do i need to|is it necessary to|is it necessary for me to) (.+)", "necessary", r"\1"),
    (r"(?:am i required to|is it mandatory for me to) (.+)", "required", r"\1"),
    (r"(?:should i|ought i to) (.+)", "should", r"\1"),
    (r"(?:summarize|summarise|(?:give me|provide me with|provide|write) a summary of) (.+)", "summarize", r"\1"),
    (r"(?:list|enumerate|(?:give me|make|make me|provide me with|provide|show me) a list of) (.+)", "list", r"\1"),
    (r"(?:explain|(?:give me|provide me with|provide) an explanation of) (?:to me )?(.+)", "explain", r"\1"),
    (r"(?:describe|(?:give me|provide me with|provide) a description of) (.+)", "describe", r"\1"),
    (r"(?:give me|provide me with|provide) (?:some )?information (?:about|on) (.+)", "information", r"\1"),
    (r"(?:rephrase|reword|paraphrase) (.+)", "rephrase", r"\1"),
    (r"(?:give me|provide me with) (.+)", "give", r"\1"),
    (r"(?:recommend|suggest) (?:to me |me )?(?!to )(.+)", "recommend", r"\1"),
)  # fmt: skip
"""How a question may be put, what kind of question that is, and what it asks about. The first that fits holds."""

SAME: Sequence[str] = (
    "begin start", "begins starts", "car automobile", "cars automobiles", "kids children", "kid child", "photo photograph",
    "photos photographs", "use utilize", "using utilizing", "email e-mail", "emails e-mails", "disadvantages downsides",
    "quickly rapidly", "often frequently", "perhaps maybe", "tv television", "fridge refrigerator", "calculate compute",
    "km kilometer kilometers kilometre kilometres", "kg kilogram kilograms", "percent %",
)  # fmt: skip
"""Of each, the words say the same beside any other words. Others do only beside some: `remove` and `delete` (a card), `big` and
`large` (data), `make` and `create` (money), `film` and `movie` (to be taken off a screen), `buy` and `purchase` (an order),
`day` and `days` (on which we work), `happen` and `occur` (to him).
"""

ABOUT_WORDS = frozenset(
    "mean means meaning meant word words term terms spell spelled spelling say says said pronounce pronounced pronunciation "
    "translate translation translated define definition synonym synonyms antonym antonyms rhyme rhymes plural etymology noun "
    "verb adjective adverb call called name named letter letters syllable syllables abbreviation stand stands difference "
    "differ different between type typed write written read".split()
)
"""Beside these a word may be asked about and not what it stands for, so it counts as it is."""
