from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.obligations import OperatorKind
from gateway.policy.strength import STRENGTH, Operators

KEEP, PLACEHOLDER, SURROGATE, MASK, HASH, DROP, BLOCK = (
    OperatorKind(name) for name in ("keep", "placeholder", "surrogate", "mask", "hash", "drop", "block")
)
_operators = st.builds(
    lambda entities: Operators.written(entities),
    st.dictionaries(st.sampled_from(("PERSON", "SECRET", "default")), st.sampled_from(list(OperatorKind)), max_size=3),
)
_PROBES = ("PERSON", "SECRET", "NAMED_NOWHERE")


def test_every_operator_has_a_strength() -> None:
    assert set(STRENGTH) == set(OperatorKind)
    assert STRENGTH[KEEP] < STRENGTH[PLACEHOLDER] == STRENGTH[SURROGATE] < STRENGTH[MASK] == STRENGTH[HASH]
    assert STRENGTH[HASH] < STRENGTH[DROP] < STRENGTH[BLOCK]


def test_the_default_stands_beside_the_types_in_the_file() -> None:
    operators = Operators.written({"default": MASK, "PERSON": KEEP})
    assert (operators.default, dict(operators.named)) == (MASK, {"PERSON": KEEP})
    assert (operators.of("PERSON"), operators.of("SECRET")) == (KEEP, MASK)
    assert Operators.written({}).of("PERSON") is None


@pytest.mark.parametrize(
    ("outer", "inner", "entity", "holds"),
    [
        ({}, {"PERSON": KEEP}, "PERSON", KEEP),  # nobody said anything further out
        ({"PERSON": MASK}, {}, "PERSON", MASK),
        ({"PERSON": MASK}, {"PERSON": KEEP}, "PERSON", MASK),
        ({"PERSON": MASK}, {"PERSON": DROP}, "PERSON", DROP),
        ({"PERSON": MASK}, {"PERSON": HASH}, "PERSON", HASH),  # equally strong: the inner one
        ({"default": MASK}, {"PERSON": KEEP}, "PERSON", MASK),
        ({"PERSON": KEEP}, {"default": DROP}, "PERSON", DROP),
        ({"PERSON": SURROGATE}, {"default": PLACEHOLDER}, "PERSON", SURROGATE),  # equally strong: the one that names it
        ({"default": PLACEHOLDER}, {"PERSON": SURROGATE}, "PERSON", SURROGATE),
        ({"default": DROP}, {"default": MASK}, "SECRET", DROP),
    ],
)
def test_the_stronger_of_two_levels_holds(
    outer: dict[str, OperatorKind], inner: dict[str, OperatorKind], entity: str, holds: OperatorKind
) -> None:
    assert Operators.written(inner).within(Operators.written(outer)).of(entity) is holds


@settings(max_examples=150, deadline=None)
@given(_operators, _operators)
def test_no_level_weakens_another(outer: Operators, inner: Operators) -> None:
    both = inner.within(outer)
    for entity in _PROBES:
        for one in (outer.of(entity), inner.of(entity)):
            held = both.of(entity)
            assert one is None or (held is not None and STRENGTH[held] >= STRENGTH[one])
        assert both.of(entity) in (outer.of(entity), inner.of(entity))


@settings(max_examples=150, deadline=None)
@given(_operators, _operators)
def test_what_is_weaker_is_what_has_no_effect(outer: Operators, inner: Operators) -> None:
    weaker = inner.weaker(outer)
    for entity in inner.named:
        overruled = inner.within(outer).of(entity) is not inner.of(entity)
        assert (entity in weaker) is overruled
        assert not overruled or weaker[entity] is outer.of(entity)


def test_closed_operators_have_one_for_every_type() -> None:
    assert Operators.written({"PERSON": KEEP}).closed(PLACEHOLDER).rules.operator("SECRET") is PLACEHOLDER
    assert Operators.written({"default": KEEP}).closed(PLACEHOLDER).rules.operator("SECRET") is KEEP
    with pytest.raises(LookupError):
        _ = Operators().rules
