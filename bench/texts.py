"""Prompts like those of a service desk: prose with some personal data, of an exact length, each one different.

No two prompts of a run are alike, so a cache of findings cannot flatter a figure. All people are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Literal

Language = Literal["en", "zh"]

_NAMES = {
    "en": "Maria Jensen,Robert Clarke,Aisha Rahman,Thomas Keller,Emily Watson,Daniel Ortega,Susan Park,James Ford".split(","),
    "zh": "王芳,李建国,张晓明,陈思远,刘婷婷,赵志强,黄丽华,周文博".split(","),
}
_CITIES = {
    "en": "Rotterdam,Manchester,Boston,Vienna,Toronto,Lisbon,Chicago".split(","),
    "zh": "杭州市,成都市,深圳市,南京市,武汉市,青岛市,西安市".split(","),
}
_MAILBOXES = "m.jensen,rclarke,aisha.r,t.keller,emily.w,d.ortega,s.park,jwhitfield".split(",")
_PARAGRAPHS = {
    "en": (
        "Please draft a short reply to {name} ({mail}, phone {phone}), whose parcel {ticket} was left at the wrong house in "
        "{city}. Apologise, say that a new one is on its way and that nothing needs to be sent back. ",
        "Keep the tone friendly and avoid technical words. The first answer that we gave was too long, and the customer said "
        "so in plain language, so three or four sentences are enough. Promise no date that the warehouse cannot keep. ",
        "For the background: the delivery was planned for last week, the driver rang twice and nobody opened. Our colleague "
        "{name} from the {city} depot then noted that the label was hard to read, and asked for a better printer. ",
        "If a refund is wanted after all, explain that it goes back the way it came and takes a few working days. Whoever asks "
        "for it may write to {mail} or call {phone}, and should mention the number {ticket} so that we find the case. ",
        "Finally, list what we could do better: a clearer label, a message before the driver arrives, and one person who owns "
        "the case from the first call to the last. Write the list as bullet points, each no longer than a line. ",
    ),
    "zh": (
        "请替我给{name}写一封简短的回信，邮箱是 {mail}，电话 {phone}。包裹 {ticket} 被误送到{city}的另一户人家。"
        "请先致歉，再说明新的包裹已经发出，原来的不必寄回。",
        "语气要亲切，不要使用专业术语。上一封回信写得太长，客户直接提出了意见，所以三四句话就够了。"
        "仓库做不到的日期，请不要承诺。",
        "事情的经过是这样的：原定上周送货，司机打了两次电话都没有人接。{city}站点的同事{name}后来记录说，"
        "标签印得不清楚，希望换一台打印机。",
        "如果客户还是想退款，请说明款项会按原路退回，需要几个工作日。可以写信到 {mail}，或者拨打 {phone}，"
        "并请注明编号 {ticket}，方便我们查找。",
        "最后请列出我们可以改进的地方：标签更清楚，司机到达之前先发消息，从第一通电话到最后一通都由同一个人负责。"
        "请用要点的形式，每条不超过一行。",
    ),
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text, and the personal values that were put into it and are still whole after the cut."""

    text: str
    planted: frozenset[str]


def prompt(language: Language, characters: int, number: int) -> Prompt:
    """The `number`th prompt of exactly this many characters."""
    text, values, length = [], set[str](), 0
    for paragraph, fills in zip(_cycle(language), _fills(language, number), strict=False):
        written = paragraph.format(**fills)
        text.append(written)
        length += len(written)
        values.update(fills[slot] for slot in ("name", "mail", "phone", "city") if f"{{{slot}}}" in paragraph)
        if length >= characters:
            break
    cut = "".join(text)[:characters]
    return Prompt(cut, frozenset(value for value in values if value in cut))


def _cycle(language: Language) -> Iterator[str]:
    while True:
        yield from _PARAGRAPHS[language]


def _fills(language: Language, number: int) -> Iterator[dict[str, str]]:
    """Values for one paragraph after the other; another prompt has others."""
    for at in count(number * 50):
        line = f"{(at * 7919 + 1013) % 10_000:04d}"
        yield {
            "name": _NAMES[language][at % len(_NAMES[language])],
            "city": _CITIES[language][(at + number) % len(_CITIES[language])],
            "mail": f"{_MAILBOXES[at % len(_MAILBOXES)]}{at}@example.com",
            "phone": f"+1 212 555 {line}" if language == "en" else f"1381234{line}",
            "ticket": f"PX-{20_000 + at}",
        }
