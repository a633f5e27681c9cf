"""Numbers and moments as people read them, in either language. Pure."""

from __future__ import annotations

ABSENT = "–"


def moment(iso: str | None) -> str:
    """`2026-11-22 15:24:13.512` of an ISO 8601 text in UTC: sorts as it reads, the same in every language."""
    return ABSENT if not iso else iso.removesuffix("Z").replace("T", " ")


def milliseconds(duration: float | None) -> str:
    """Three digits that count, with the unit that fits."""
    if duration is None:
        return ABSENT
    if duration >= 100_000:
        return f"{duration / 60_000:.1f} min"
    if duration >= 1_000:
        return f"{duration / 1_000:.2f} s"
    return f"{duration:.0f} ms" if duration >= 100 else f"{duration:.2g} ms" if duration < 1 else f"{duration:.1f} ms"


def number(count: float | None) -> str:
    """With a thin space between thousands (ISO 80000-1)."""
    return ABSENT if count is None else f"{count:,}".replace(",", "\u202f")


def score(value: float) -> str:
    return f"{value:.2f}"


def bytes_in_words(size: int | None) -> str:
    if size is None:
        return ABSENT
    return f"{size} B" if size < 1_024 else f"{size / 1_024:.1f} KiB" if size < 1_048_576 else f"{size / 1_048_576:.1f} MiB"


def money(millionths: int | None) -> str:
    """Spending in the policy's currency, which it does not name."""
    return ABSENT if millionths is None else f"{millionths / 1_000_000:.6f}".rstrip("0").rstrip(".")


def figure(value: float | None, digits: int = 2) -> str:
    """A number with so many digits behind the point; small ones with more, so that they are not nothing."""
    if value is None:
        return ABSENT
    return f"{value:,.{digits if abs(value) >= 1 or not value else 4}f}".replace(",", "\u202f")


def percent(share: float | None) -> str:
    return ABSENT if share is None else f"{share * 100:.0f} %"
