"""What an evaluation comes to: figures of both sides, their differences, and whether the one on trial is worse. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.routing.copies import Copied
from gateway.routing.trial import Case, Difference, Judged, difference, sign_test

_SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of both sides and their differences. `worse` says in words why the one on trial does not pass."""

    first: Mapping[str, float | int | None]
    second: Mapping[str, float | int | None]
    differences: Mapping[str, Difference | None]
    pass_chance: float
    worse: tuple[str, ...]
    cases: tuple[str, ...] = ()

    def lines(self, names: tuple[str, str]) -> Iterator[str]:
        yield f"{'':<20}{names[0]:>16}{names[1]:>16}   difference (median, 95 %)"
        for name, value in self.first.items():
            apart = self.differences.get(name)
            shown = (
                "" if apart is None else f"{apart.median:+.3g} ({apart.low:+.3g} to {apart.high:+.3g}), p {apart.chance:.3g}"
            )
            yield f"{name:<20}{_figure(value):>16}{_figure(self.second[name]):>16}   {shown}".rstrip()
        yield f"passed by one alone: p {self.pass_chance:.3g} (exact sign test)"
        yield from (f"only {names[0]} passes: {case}" for case in self.cases)
        yield from (f"WORSE: {why}" for why in self.worse)


def of_answers(cases: Sequence[Case], pairs: Sequence[tuple[Judged, Judged]], least: float) -> Report:
    """`least` is the share of cases that has to pass."""
    first, second = ([pair[at] for pair in pairs] for at in (0, 1))
    only_first = [case.id for case, (a, b) in zip(cases, pairs, strict=True) if a.passed and not b.passed]
    only_second = sum(b.passed and not a.passed for a, b in pairs)
    chance = sign_test(only_second, len(only_first))
    quality = _apart(pairs, lambda one: one.overlap)
    share = sum(one.passed for one in second) / len(second)
    errors = sorted({one.error for one in second if one.error is not None})
    worse = {
        "it passes fewer, more than chance explains": len(only_first) > only_second and chance <= _SIGNIFICANT,
        "it is farther from the references, more than chance explains": quality is not None
        and quality.median < 0
        and quality.chance <= _SIGNIFICANT,
        f"it passes {share:.0%}, and {least:.0%} were asked for": share < least,
        f"a request failed: {', '.join(errors)}": bool(errors),
    }
    return Report(
        first=_figures(first),
        second=_figures(second),
        differences={
            "overlap": quality,
            "whole ms": _apart(pairs, lambda one: None if one.failed else one.whole_ms),
            "output tokens": _apart(pairs, lambda one: one.output_tokens),
        },
        pass_chance=chance,
        worse=tuple(why for why, so in worse.items() if so),
        cases=tuple(only_first),
    )


def of_copies(pairs: Sequence[Copied], least: float) -> Report:
    """`least` is the overlap of answers that is asked for, in the median."""
    alike = [one.likeness.overlap for one in pairs if one.likeness is not None and one.likeness.overlap is not None]
    lost, won = (sum(one.failed == which for one in pairs) for which in ((False, True), (True, False)))
    chance, middle = sign_test(won, lost), _median(alike)
    worse = {
        "it fails more often, more than chance explains": lost > won and chance <= _SIGNIFICANT,
        "no answers can be compared: policy keeps no content": least > 0 and middle is None,
        "its answers are less alike than was asked for": middle is not None and middle < least,
    }
    sides = [[(one.whole_ms[at], one.output_tokens[at], one.failed[at]) for one in pairs] for at in (0, 1)]
    first, second = (
        {
            "calls": len(side),
            "failed": sum(failed for _, _, failed in side),
            "overlap": middle if at else None,
            "whole ms": _median([ms for ms, _, _ in side]),
            "output tokens": _median([tokens for _, tokens, _ in side]),
        }
        for at, side in enumerate(sides)
    )
    apart = {
        "whole ms": difference(*([ms for ms, _, _ in side] for side in sides)),
        "output tokens": difference(*([tokens for _, tokens, _ in side] for side in sides)),
    }
    return Report(first, second, apart, chance, tuple(why for why, so in worse.items() if so))


def _figures(side: Sequence[Judged]) -> dict[str, float | int | None]:
    return {
        "cases": len(side),
        "passed": sum(one.passed for one in side),
        "refused": sum(one.refused for one in side),
        "failed": sum(one.failed for one in side),
        "overlap": _median([one.overlap for one in side]),
        "whole ms": _median([one.whole_ms for one in side if not one.failed]),
        "output tokens": _median([one.output_tokens for one in side]),
    }


def _apart(pairs: Sequence[tuple[Judged, Judged]], of: Callable[[Judged], float | None]) -> Difference | None:
    return difference([of(a) for a, _ in pairs], [of(b) for _, b in pairs])


def _median(figures: Sequence[float | None]) -> float | None:
    known = sorted(one for one in figures if one is not None)
    return (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2 if known else None


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:,.4g}"
