"""Reads a list of public prices. Prices change: each has the day it was true on, and the page of the vendor who sets it.

The figures of the list that comes with the gateway were taken from reports about the vendors' pages, not by a contract: they
are for an idea of size. Standard rates for short prompts that no vendor's cache knows; DeepSeek's outside of peak hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_OURS = Path(__file__).parent / "prices.json"


class PriceListError(ValueError):
    """The list of GATEWAY_PRICE_LIST cannot be read or has not the form of ours; the message names the file and the place."""


class PublicPrice(BaseModel):
    """Of a model, for a million tokens, in the list's currency; `as_of` is a day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vendor: str = Field(min_length=1, max_length=60)
    model: str = Field(min_length=1, max_length=60)
    input: float = Field(ge=0, le=1e6)
    output: float = Field(ge=0, le=1e6)
    as_of: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    source: str = Field(pattern=r"^https://\S{1,200}$")

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        return (input_tokens * self.input + output_tokens * self.output) / 1_000_000


class PriceList(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    prices: tuple[PublicPrice, ...] = Field(max_length=20)


@dataclass(frozen=True, slots=True)
class Compared:
    """What tokens would have cost elsewhere, in the list's currency."""

    price: PublicPrice
    cost: float


def load_prices(path: Path | None = None) -> PriceList:
    """The list in this file, or ours. Raises PriceListError."""
    chosen = path or _OURS
    try:
        return PriceList.model_validate_json(chosen.read_bytes())
    except OSError as error:
        raise PriceListError(f"the price list {chosen} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        place = ".".join(map(str, error.errors(include_input=False)[0]["loc"])) or "its form"
        raise PriceListError(f"the price list {chosen} is wrong at {place}") from None


def compare(prices: PriceList, input_tokens: int, output_tokens: int) -> tuple[Compared, ...]:
    """Dearest first."""
    costs = (Compared(price, price.cost(input_tokens, output_tokens)) for price in prices.prices)
    return tuple(sorted(costs, key=lambda one: -one.cost))
