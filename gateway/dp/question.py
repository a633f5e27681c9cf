"""What a report asks: which figure, by which property, over which groups, at which cost. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256

import orjson

from gateway.dp.budget import Budget, require, require_epsilon

OTHER = "(other)"
"""The group of everything that has none of the names that were asked for."""
ALL = "(all)"
"""The one group of a report that tells nothing apart."""
MOST_GROUPS = 500
_MOST = 10**9


class By(StrEnum):
    """What groups are told apart by."""

    TENANT = "tenant"
    MODEL = "model"
    PURPOSE = "purpose"
    ENTITY = "entity"
    COLLECTION = "collection"  # of documents, vector stores among them, that answers were grounded on


class Figure(StrEnum):
    """What is told of each group."""

    COUNT = "count"
    SUM = "sum"
    QUANTILE = "quantile"


class Measure(StrEnum):
    """What of an exchange is added up, or is ranked."""

    TOKENS = "tokens"  # of request and answer together
    FINDINGS = "findings"  # personal data that was found; by entity, of that type
    DURATION = "duration"  # milliseconds
    PASSAGES = "passages"  # of documents that the answer was grounded on; by collection, of that one


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`groups` are public names, given by whoever asks and not read from the data; by tenant, `ALL` alone.

    `measure` is what COUNT has no use for. `most` bounds what one exchange may add, or the values that a quantile is looked
    for among; larger values count as it. `epsilon` is what the answer costs by itself, at the budget's delta.

    Raises InvalidRequest.
    """

    by: By
    figure: Figure
    groups: tuple[str, ...]
    epsilon: float
    measure: Measure | None = None
    most: int = 1
    quantile: float = 0.5

    def __post_init__(self) -> None:
        require_epsilon(self.epsilon)
        require(1 <= len(self.groups) <= MOST_GROUPS, "groups", f"A report has 1 to {MOST_GROUPS} groups.")
        require(len(set(self.groups)) == len(self.groups), "groups", "Each group is named once.")
        if self.by is By.TENANT:
            require(self.groups == (ALL,), "groups", "A report by tenant tells nothing apart: name no groups, or say by what.")
        else:
            require(not {ALL, OTHER} & {*self.groups}, "groups", f"{ALL} and {OTHER} are no names of groups.")
        require(
            (self.measure is None) == (self.figure is Figure.COUNT),
            "measure",
            "A sum and a quantile are of something; a count is not.",
        )
        require(1 <= self.most <= _MOST, "most", f"The largest value is between 1 and {_MOST:,}.")
        require(0 < self.quantile < 1, "quantile", "A quantile lies between 0 and 1.")

    def asked(self, budget: Budget) -> str:
        """The question, of this data set, as JSON that is the same for equal questions."""
        about = {"tenant": budget.tenant, "data_set": budget.data_set}
        return orjson.dumps({**about, **asdict(self)}, option=orjson.OPT_SORT_KEYS).decode()

    def noted(self, budget: Budget) -> str:
        """In a few words, for the record of who asked it."""
        about = f"{self.figure} of {self.measure or 'exchanges'} by {self.by}"
        return f"{about}, epsilon {self.epsilon:g}, question {digest(self.asked(budget))[:16]}"


def digest(asked: str) -> str:
    """By which an equal question is found again."""
    return sha256(asked.encode()).hexdigest()
