"""Which classifier judges a tenant's requests: the `sensitivity` part of a tenant, and the terms that it becomes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field, ModelWrapValidatorHandler, model_validator

from gateway.policy.language.deployments import Digest
from gateway.policy.language.part import Part, refuse
from gateway.rules.sensitivity import ClassifierRef, ContentTerms
from gateway.sensitivity.weights import STARTER_DIGEST


def _percent(number: float) -> float:
    if not 0 <= number <= 100:
        raise refuse("out of range", "write a number from 0 to 100: 0 only records what it would say")
    return number


Percent: TypeAlias = Annotated[
    float,
    Field(strict=True, allow_inf_nan=False, json_schema_extra={"minimum": 0, "maximum": 100}),
    AfterValidator(_percent),
]


class Classifier(Part):
    """Weights of a classifier, as `gateway sensitivity train` writes them."""

    weights: Path | None = Field(
        default=None, description="Their file; a relative path starts at the policy file's folder. Default: those shipped."
    )
    digest: Digest | None = Field(
        default=None, description="Their digest: sha256: and 64 hex digits. A file whose bytes are others is refused."
    )

    @model_validator(mode="wrap")
    @classmethod
    def _together(cls, value: object, handler: ModelWrapValidatorHandler[Classifier]) -> Classifier:
        written = handler(value)
        if (written.weights is None) != (written.digest is None):
            raise refuse("weights and digest go together", "gateway sensitivity train prints both")
        return written

    def ref(self, folder: Path) -> ClassifierRef:
        if self.weights is None or self.digest is None:
            return ClassifierRef(STARTER_DIGEST)
        return ClassifierRef(self.digest, folder / self.weights)


class Trial(Classifier):
    """Another classifier, beside the one in force."""

    percent: Percent = Field(
        default=0.0, description="The share of callers whom it decides for; 0, the default: it only goes on record."
    )


class Sensitivity(Classifier):
    """What judges the content of this tenant's requests, where a rule asks for `content.*`."""

    trial: Trial | None = Field(default=None, description="Another classifier on trial: shadow, then a share, then all.")

    def terms(self, folder: Path) -> ContentTerms:
        trial = self.trial
        return ContentTerms(
            classifier=self.ref(folder),
            trial=None if trial is None else trial.ref(folder),
            percent=0.0 if trial is None else trial.percent,
        )
