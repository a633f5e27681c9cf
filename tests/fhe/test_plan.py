from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.fhe.client.key import Key, Scheme
from gateway.fhe.layout import messages, result_places, results
from gateway.fhe.model.blueprint import LANES
from gateway.fhe.model.quantise import Bits, quantise_matrix
from gateway.fhe.parameters import Parameters
from gateway.fhe.plan import MOST_BLOCKS, NoPlan, best_plan, widest
from gateway.fhe.server.multiply import Ring
from gateway.fhe.wire.messages import Call, Coding

_CALL = Call(b"r" * 16, 0, 0, 1)


@settings(max_examples=60, deadline=None)
@given(
    outputs=st.integers(1, 300),
    inputs=st.integers(1, 1600),
    lanes=st.sampled_from([1, 32]),
    longest_row=st.one_of(st.just(0.0), st.floats(1, 30_000)),
)
def test_noise_stays_below_half_the_distance_of_two_results(outputs: int, inputs: int, lanes: int, longest_row: float) -> None:
    parameters = Parameters()
    plan = best_plan(np.full(outputs, longest_row), inputs, lanes, Bits().most_activation, parameters)
    assert plan.noise < 2 ** (plan.step_bits - 1)
    assert max(longest_row, 1) * plan.longest <= plan.largest
    assert plan.largest * 2**plan.step_bits + plan.noise < parameters.modulus / 2
    assert plan.blocks <= MOST_BLOCKS
    assert plan.rows * plan.block * lanes <= parameters.degree


def test_too_many_bits_have_no_plan() -> None:
    bits = Bits(15, 20)
    with pytest.raises(NoPlan):
        best_plan(np.full(576, bits.most_weight * 24.0), 1536, 1, bits.most_activation, Parameters())


@pytest.mark.parametrize("lanes", LANES)
def test_a_matrix_that_is_too_wide_is_refused_for_its_width(lanes: int) -> None:
    most = widest(lanes, Parameters())
    assert best_plan(np.ones(3), most, lanes, 1, Parameters()).blocks <= MOST_BLOCKS
    with pytest.raises(NoPlan, match=f"{most + 1} columns"):
        best_plan(np.ones(3), most + 1, lanes, 1, Parameters())


@pytest.mark.parametrize("lanes", [1, 32])
@pytest.mark.parametrize("extreme", [True, False])
def test_real_noise_stays_below_its_bound(lanes: int, extreme: bool, scheme: Scheme) -> None:
    """With the heaviest weights there can be, and everything dropped that the plan drops."""
    random, bits, parameters = np.random.default_rng(lanes), Bits(), Parameters()
    weights = random.choice([-1.0, 1.0], (70, 576)) if extreme else random.normal(size=(70, 576))
    matrix = quantise_matrix(weights.astype(np.float32), bits)
    plan = best_plan(matrix.norms(), 576, lanes, bits.most_activation, parameters)
    vectors = random.integers(-900, 901, (lanes, 576))
    ring, key, coding = Ring(parameters), Key(scheme), Coding.of(plan, parameters)
    ciphertexts = np.stack(list(key.encrypt(messages(vectors, plan, parameters.modulus))))
    if lanes == 1:
        bodies, masks = ring.product(ring.encoded(matrix.rows, plan), ciphertexts, plan)
    else:
        bodies, masks = ring.shared_product(matrix.rows, ciphertexts, plan)
    _, packed = Call.split(memoryview(coding.write_down(_CALL, bodies, masks)))
    numbers, distances = results(key.decrypt(*coding.read_down(packed), result_places(plan)), plan, lanes)
    assert (numbers == vectors @ matrix.rows.T.astype(np.int64)).all()
    assert 0 < np.abs(distances).max() < plan.noise


@pytest.mark.parametrize("lanes", [1, 32])
def test_a_matrix_of_zeros_makes_zeros(lanes: int, scheme: Scheme) -> None:
    parameters, rows = Parameters(), np.zeros((70, 60), dtype=np.int16)
    plan = best_plan(np.zeros(70), 60, lanes, Bits().most_activation, parameters)
    vectors = np.random.default_rng(0).integers(-900, 901, (lanes, 60))
    ring, key, places = Ring(parameters), Key(scheme), result_places(plan)
    ciphertexts = np.stack(list(key.encrypt(messages(vectors, plan, parameters.modulus))))
    found = (
        ring.product(ring.encoded(rows, plan), ciphertexts, plan)
        if lanes == 1
        else ring.shared_product(rows, ciphertexts, plan)
    )
    numbers, distances = results(key.decrypt(*found, places), plan, lanes)
    assert numbers.shape == (lanes, 70)
    assert not numbers.any()
    assert not distances.any()


def test_more_positions_in_a_ciphertext_cost_less_for_each() -> None:
    """Of as many as there is room for."""
    plans = [best_plan(np.full(960, 6000.0), 576, lanes, Bits().most_activation, Parameters()) for lanes in LANES]
    costs = [plan.cost / plan.lanes for plan in plans]
    assert costs == sorted(costs, reverse=True)
    assert plans[-1].cost > 4 * plans[0].cost  # for four positions a whole one would be waste
