"""What a run measures, as plain figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.detection.contestants import Contestant
from bench.detection.cost import fastest, last_turn, seconds
from bench.detection.samples import SIZES, Language, Sample, cuts
from bench.texts_clean import clean_texts
from gateway.detection.detect import PresidioDetector
from gateway.detection.evaluation import Gold, Scores, score


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One system on one file. Times are CPU time: ms for 1,000 characters, and us for one text by its size."""

    file: str
    system: str
    scores: Scores
    ms_per_1000: float
    us_by_size: dict[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The last turn of a chat about the texts of one file, in CPU us."""

    file: str
    full_scan: float
    remembered: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoilt:
    """What one system covers of text in which there is nothing to find."""

    kind: str
    characters: int
    system: str
    over: float
    by_label: dict[str, int]


def compared(sample: Sample, everyone: Sequence[Contestant], *, rounds: int, timed: int) -> list[Result]:
    """Everybody who speaks the language; the time is that of the first `timed` texts."""
    systems = [one for one in everyone if sample.language in one.languages]
    found = {one.name: [one.find(text) for text in sample.texts] for one in systems}
    as_they_come = _costs(systems, sample.texts[:timed], rounds)
    by_size = {size: _costs(systems, cuts(sample.texts, size, count), rounds) for size, count in SIZES.items()}
    characters = sum(map(len, sample.texts[:timed]))
    return [
        Result(
            file=sample.name,
            system=one.name,
            scores=score(sample.golds, found[one.name]),
            ms_per_1000=as_they_come[one.name] * 1e6 / characters,
            us_by_size={size: by_size[size][one.name] * 1e6 / count for size, count in SIZES.items()},
        )
        for one in systems
    ]


def chat(sample: Sample, detector: PresidioDetector, *, rounds: int) -> Turn:
    """The last turn of a chat, with its history read again and with its history remembered."""
    spent = last_turn(detector, sample.texts, rounds)
    return Turn(file=sample.name, full_scan=spent["full scan"] * 1e6, remembered=spent["remembered"] * 1e6)


def spoilt(everyone: Sequence[Contestant], size: int) -> list[Spoilt]:
    """Everybody on clean text in a language of theirs; code counts as English."""
    kinds = clean_texts(size).items()
    return [_spoilt(one, kind, texts) for kind, texts in kinds for one in everyone if _language(kind) in one.languages]


def _costs(systems: Sequence[Contestant], texts: Sequence[str], rounds: int) -> dict[str, float]:
    def job(one: Contestant) -> float:
        return seconds(one.find, texts)

    return fastest({one.name: lambda one=one: job(one) for one in systems}, rounds)  # type: ignore[misc]


def _spoilt(system: Contestant, kind: str, texts: Sequence[str]) -> Spoilt:
    found = [system.find(text) for text in texts]
    by_label: dict[str, int] = {}
    for start, end, label in (span for spans in found for span in spans):
        by_label[label] = by_label.get(label, 0) + end - start
    over = score([Gold(text, ()) for text in texts], found).over
    return Spoilt(kind=kind, characters=sum(map(len, texts)), system=system.name, over=over, by_label=by_label)


def _language(kind: str) -> Language:
    return "zh" if kind.startswith("Chinese") else "en"
