"""What stands around a name when somebody is meant, who may be called like a medicine."""

from __future__ import annotations

import re

from gateway.detection.taggers.sieve import Tag

_BEFORE_SOMEBODY = re.compile(
    r"(?<![A-Za-z])(?i:mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam|lady|lord|rev|sgt|capt|captain|officer|judge|coach|chef|nurse|"
    r"uncle|aunt|auntie|herr|frau|señora?|sra?|mme|madame|monsieur|dear|hi|hello|hey|thanks|thank you|sorry|regards|wishes|"
    r"sincerely|cheers|love|best|i['’]m|i am|name is)(?:\.?,? |,\s{1,4})\Z|"
    r"(?i:names?|patient|client|customer|employee|contact|author|from|to|b?cc|by|signed|attn|attendees?|participants?|assignee|"
    r"owner|reviewer|sender|recipient|candidate|applicant|student|tenant|resident|insured|user)"
    r"[\"'*_`]{0,3}[ \t]?[:=|][ \t]{0,3}[\"'*_`]{0,3}\Z|"
    r"(?i:wife|husband|son|daughter|sister|brother|friend|colleague|boss|manager|neighbou?r|teacher|partner), \Z|@\Z"
)
_BEHIND_SOMEBODY = re.compile(
    r"['’]s (?:wife|husband|mother|father|sons?|daughters?|children|birthday|phone|mobile|e-?mail|address|passport|salary|boss|"
    r"account|appointment|house|flat|car|job)\b| and I\b|, who (?:is|was|has|had|lives|works)\b|, [1-9][0-9],|"
    r" (?:said|says|told|asked|replied|wrote|writes|phoned|texted|emailed|wants|wanted|thinks|thought|knows|knew|lives|lived|"
    r"hopes|hoped|loves|loved|smiled|laughed|complained|insisted|promised|resigned|retired)\b| here[.,!]|"
    r": (?:can you|could you|please|hi|hello|hey|ok|okay|yes|no|yeah|sure|thanks|sorry|I|I['’](?:m|ll|ve|d)|we|haha|lol)\b"
)


def is_announced(text: str, tag: Tag) -> bool:
    """Whether a title, a greeting, the label of a field or who somebody is to others stands before it."""
    return _BEFORE_SOMEBODY.search(text, max(0, tag.start - 24), tag.start) is not None


def acts(text: str, tag: Tag) -> bool:
    """Whether what stands behind it is said of people: what they own, say or are."""
    return _BEHIND_SOMEBODY.match(text, tag.end) is not None
