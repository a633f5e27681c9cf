"""What is known to make no difference in English. Pure data: every line is a claim that answers stay the same."""

from __future__ import annotations

from collections.abc import Sequence

PHRASES: Sequence[tuple[str, str]] = (
    ("set up", "setup"), ("turn on", "enable"), ("switch on", "enable"), ("turn off", "disable"), ("switch off", "disable"),
    ("log in to", "login"), ("log into", "login"), ("sign in to", "login"), ("sign into", "login"), ("log on to", "login"),
    ("log in", "login"), ("sign in", "login"), ("log on", "login"), ("log out of", "logout"), ("sign out of", "logout"),
    ("log out", "logout"), ("sign out", "logout"), ("get rid of", "remove"), ("call off", "cancel"), ("carry out", "perform"),
    ("find out", "determine"), ("look for", "seek"), ("search for", "seek"), ("as well as", "and"), ("a lot of", "many"),
    ("lots of", "many"), ("in order to", "to"), ("so as to", "to"), ("due to", "because of"), ("owing to", "because of"),
    ("right now", "now"), ("at the moment", "now"), ("at present", "now"), ("these days", "now"), ("web site", "website"),
    ("per cent", "percent"), ("have to", "must"), ("has to", "must"), ("need to", "must"), ("needs to", "must"),
    ("mobile phone", "cellphone"), ("cell phone", "cellphone"), ("in the course of", "during"), ("take place", "happen"),
    ("takes place", "happens"), ("such as", "like"), ("because of the fact that", "because"), ("with regard to", "about"),
    ("throw away", "discard"), ("give back", "return"), ("put off", "postpone"), ("a few", "a-few"), ("a little", "a-little"),
    ("a bit", "a-bit"), ("a lot", "a-lot"), ("fill in", "complete"), ("fill out", "complete"), ("hand in", "submit"),
    ("back up", "backup"), ("pick up", "collect"),
)  # fmt: skip
"""Applied in order, each to what the one before it left."""

FRAMES: Sequence[tuple[str, str, str]] = (
    (r"(?:what is|what are|explain) the differences? between (.+) and (.+)", "difference", r"\1 | \2"),
    (r"(?:how (?:does|do|is|are)) (.+) (?:differ|different) from (.+)", "difference", r"\1 | \2"),
    (r"how (?:do|are) (.+) and (.+) (?:differ|different)", "difference", r"\1 | \2"),
    (r"what distinguishes (.+) from (.+)", "difference", r"\1 | \2"),
    (r"in what (?:way|ways|respect) (?:does|do|is|are) (.+) (?:differ|different) from (.+)", "difference", r"\1 | \2"),
    (r"how much (?:time|longer)? ?(?:does|will|would) it take to (.+)", "duration", r"\1"),
    (r"how (?:long|much time) (?:does it take|do i need|is needed|does one need) to (.+)", "duration", r"\1"),
    (r"how much (?:money )?(?:does|do) (.+) cost( .+)?", "price", r"\1\2"),
    (r"what (?:does|do) (.+) cost( .+)?", "price", r"\1\2"),
    (r"(?:what is|what are) the (?:price|cost|prices) of (.+)", "price", r"\1"),
    (r"how (?:much|expensive) (?:is|are) (.+)", "price", r"\1"),
    (r"how many (.+) (?:are there|is there|exist)( .+)?", "count", r"\1\2"),
    (r"(?:what is) the (?:total )?number of (.+)", "count", r"\1"),
    (r"how many (.+)", "count", r"\1"),
    (r"how (?:should i|i should) (.+)", "how should", r"\1"),
    (r"how (?:do|can|could|would|might) (?:i|we|one) (?:go about )?(.+)", "how to", r"\1"),
    (r"how does one (.+)", "how to", r"\1"),
    (r"how (?:i|we|one) (?:can|could) (.+)", "how to", r"\1"),
    (r"(?:which|what) ([a-z]+|side effects) (?:do|does) (.+) have", "what", r"\1 of \2"),
    (
        r"(?:what|which) (?:is|are) the (?:way|method|procedure|process|steps|instructions) (?:to|for me to) (.+)",
        "how to",
        r"\1",
    ),
    (r"(?:what|which) steps (?:do|must|can) i (?:take|follow|must|perform)? ?to (.+)", "how to", r"\1"),
    (r"what (?:do|must) i (?:must )?do to (.+)", "how to", r"\1"),
    (r"in what way (?:can|do) i (.+)", "how to", r"\1"),
    (r"(?:how|steps|instructions|guide) to (.+)", "how to", r"\1"),
    (r"give me (?:the )?(?:steps|instructions) to (.+)", "how to", r"\1"),
    (r"(?:how come|why is it that|what is the reason why|what is the reason that|for what reason|why) (.+)", "why", r"\1"),
    (r"(?:at what time|what time|when) (.+)", "when", r"\1"),
    (r"(?:in|at) (?:which|what) place (.+)", "where", r"\1"),
    (r"where (?:can i|could i|do i|i can|i could) (.+)", "where can", r"\1"),
    (r"where (.+?)(?: located| situated)?", "where", r"\1"),
    (r"who (?:wrote|authored|is the author of|was the author of) (.+)", "author", r"\1"),
    (r"who (?:invented|is the inventor of|was the inventor of) (.+)", "inventor", r"\1"),
    (r"(?:who|which person) (.+)", "who", r"\1"),
    (r"what (?:does|do) (.+) (?:mean|stand for)", "meaning", r"\1"),
    (
        r"(?:what is the meaning of|what is meant by|define|what is the definition of|give me the definition of) (.+)",
        "meaning",
        r"\1",
    ),
    (r"which city is the capital of (.+)", "what", r"capital of \1"),
    (
        r"(?:can i|could i|is it possible to|is it possible for me to|am i able to|is there a way to|is there any way to) (.+)",
        "can",
        r"\1",
    ),
    (
        r"(?:may i|am i allowed to|is it allowed to|am i permitted to|is it permitted to|is it permissible to) (.+)",
        "may",
        r"\1",
    ),
    (r"(?:must i|do i must|is it necessary to|am i required to|is it mandatory to|is it required to) (.+)", "must", r"\1"),
    (r"(?:should i|ought i to|is it advisable to) (.+)", "should", r"\1"),
    (r"(?:whether|if) (.+)", "whether", r"\1"),
    (r"((?:is|are|do|does) .+)", "whether", r"\1"),
    (r"(?:what is|what are) (?:known as )?(.+)", "what", r"\1"),
    (
        r"(?:summarize|summarise|sum up|(?:give|provide|write) (?:me )?(?:with )?a (?:brief |short )?summary of) (.+)",
        "summarize",
        r"\1",
    ),
    (r"(?:list|enumerate|(?:give|make|provide|write|show) (?:me )?(?:with )?a list of) (.+)", "list", r"\1"),
    (
        r"(?:explain|clarify|(?:give|provide) (?:me )?(?:with )?an explanation of) (?:to me )?(.+?)(?: to me)?",
        "explain",
        r"\1",
    ),
    (r"(?:describe|(?:give|provide) (?:me )?(?:with )?a description of) (.+)", "describe", r"\1"),
    (r"(?:tell me|(?:give|provide) (?:me )?(?:with )?(?:some )?information) (?:about|on) (.+)", "about", r"\1"),
    (r"(?:rewrite|rephrase|reword|paraphrase) (.+)", "rephrase", r"\1"),
    (r"(?:give me|provide me with|show me|provide) (.+)", "give", r"\1"),
    (r"(?:recommend|suggest) (?:to me |me )?(.+)", "recommend", r"\1"),
)  # fmt: skip
"""How a question may be put, what kind of question that is, and what it asks about. The first that fits holds."""

SAME: Sequence[str] = (
    "begin start", "begins starts", "buy purchase", "buying purchasing", "fix repair", "fixing repairing", "big large",
    "bigger larger", "biggest largest", "fast quick", "faster quicker", "fastest quickest", "quickly rapidly",
    "car automobile", "cars automobiles", "doctor physician", "kids children", "kid child", "movie film", "movies films",
    "photo photograph", "photos photographs", "illness disease", "illnesses diseases", "assist help", "select choose",
    "modify alter", "require need", "requires needs", "required needed", "reply respond", "use utilize", "using utilizing",
    "email e-mail", "emails e-mails", "raise increase", "lower reduce decrease", "lowering reducing decreasing",
    "maker manufacturer", "advantages benefits pros", "disadvantages drawbacks cons downsides", "advantage benefit",
    "disadvantage drawback downside", "happen occur", "happens occurs", "happened occurred", "writer author",
    "about regarding concerning", "now currently", "obtain get", "calculate compute", "display show", "job occupation",
    "create generate make", "write compose", "sick ill", "hard difficult", "easy simple", "perhaps maybe", "mom mother",
    "dad father", "tv television", "bike bicycle", "fridge refrigerator", "build construct", "often frequently",
    "method technique", "km kilometer kilometers kilometre kilometres", "kg kilogram kilograms", "percent %", "hour hours",
    "minute minutes", "day days", "week weeks", "year years", "month months", "mile miles",
)  # fmt: skip
"""Of each, the words say the same beside any other words. `remove` and `delete`, `activate` and `enable`, `change` and
`modify`, `search` and `search for` do not: a card, a licence, a tire, a house.
"""
