from __future__ import annotations

import re

import pytest

from gateway.audit.act import Action, ActOutcome, new_act
from gateway.explorer.acts import KINDS, act_filters
from tests.explorer.bank import AUDITOR, EVERYBODY, OFFICER, Bank


@pytest.mark.parametrize("action", list(Action))
def test_an_act_is_of_one_kind_or_of_none(action: Action) -> None:
    act = new_act(action).ended(ActOutcome.DONE)
    assert sum(act_filters({"kind": kind}, None).admits(act) for kind in KINDS) <= 1


@pytest.mark.parametrize(
    ("query", "admitted"),
    [
        ({}, True),
        ({"kind": "keys"}, True),
        ({"kind": "policy"}, False),
        ({"kind": "nonsense"}, False),
        ({"outcome": "done"}, True),
        ({"outcome": "denied"}, False),
        ({"outcome": "nonsense"}, False),
        ({"actor": "ops", "tenant": "bank", "target": "abcd"}, True),
        ({"actor": "op"}, False),
    ],
)
def test_filters(query: dict[str, str], admitted: bool) -> None:
    act = new_act(Action.KEYS_ISSUE, actor="ops", tenant="bank", target="pgw_abcdefgh").ended(ActOutcome.DONE)
    wanted = act_filters(query, None)
    assert (wanted.tenants is None and wanted.admits(act)) is admitted
    assert not act_filters(query, frozenset({"shop"})).admits(act)


def test_the_page_shows_what_was_asked_for(bank: Bank) -> None:
    bank.browse(AUDITOR).get("/policy")
    page = bank.browse(OFFICER).get(f"/acts?kind=views&actor={AUDITOR}&target=").text
    actions = set(re.findall(r"<td><code>([^<]+)</code></td>", page))
    assert actions
    assert all(action.startswith("explorer.") for action in actions)
    assert "Older" not in bank.browse(OFFICER).get("/acts?kind=keys").text


def test_an_act_stands_once_at_its_end(bank: Bank) -> None:
    """Loads of the policy are in no tenant: those who see all see them."""
    page = bank.browse(EVERYBODY).get("/policy").text
    assert page.count("<code>policy.load</code>") == 1
    assert "policy.load" not in bank.browse(AUDITOR).get("/policy").text


def test_pages_of_acts_lead_on(bank: Bank) -> None:
    browser = bank.browse(AUDITOR)
    for _ in range(55):
        browser.get("/acts")
    first = browser.get("/acts").text
    onward = re.search(r'rel="next" href="/explorer(/acts[^"]+)"', first)
    assert onward is not None
    second = browser.get(onward[1].replace("&amp;", "&")).text
    moments = [re.findall(r'<time datetime="([^"]+)"', page) for page in (first, second)]
    assert len(moments[0]) == 50
    assert min(moments[0]) >= max(moments[1])
