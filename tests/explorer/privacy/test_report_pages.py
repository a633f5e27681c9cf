"""Asking for a report in the explorer: over a real record and ledger, in the application itself, without a server."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from gateway.audit.act import Act
from gateway.audit.act_reader import read_acts
from gateway.audit.entry_table import EntryTable, Fate
from gateway.audit.log import Entry
from gateway.detection.recognizers.registry import built_in_entities
from gateway.dp.ledger import Ledger
from gateway.dp.question import By, Figure, Question
from gateway.dp.report import report
from gateway.explorer.app import build_explorer, mount_explorer
from gateway.explorer.parts import ExplorerParts
from gateway.identity.authenticator import Authenticator
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import Pepper
from gateway.identity.virtual_keys import mint_for_person
from gateway.keys.key_source import KeyFile
from gateway.keys.keyring import Keyring
from gateway.keys.local import LocalMaster
from gateway.policy.source import PolicySource
from gateway.redaction.surrogates import SURROGATE_ENTITIES
from gateway.store.database import Database
from gateway.store.tables.ledger import ENTRIES
from tests.dp.records import LATER, a_budget, an_exchange, put
from tests.store.databases import sqlite_at

OFFICER, AUDITOR, STRANGER = "officer@acme", "auditor@acme", "officer@bank"
POLICY = f"""\
version: 1
deployments: {{gpu: {{base_url: "http://127.0.0.1:9"}}}}
models: {{small: {{deployments: [gpu]}}, large: {{deployments: [gpu]}}, nice: {{alias: small}}}}
tenants: {{acme: {{models: [small, large]}}, bank: {{models: [small]}}}}
identity:
  people:
    {OFFICER}: {{roles: [privacy_officer], tenants: [acme]}}
    {AUDITOR}: {{roles: [auditor], tenants: [acme]}}
    {STRANGER}: {{roles: [privacy_officer], tenants: [bank]}}
"""
HERE = {"tenant": "acme", "data_set": "january"}
COUNT = {**HERE, "figure": "count", "by": "model", "epsilon": "1.5"}
QUANTILE = {**HERE, "figure": "quantile", "by": "tenant", "of": "findings", "most": "9", "epsilon": "1.5"}


class TableLog:
    """Entries go straight into the record."""

    healthy = True

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, entry: Entry) -> None:
        with closing(EntryTable(self._database)) as table:
            assert table.write([entry]) == [Fate.DURABLE]

    def append_soon(self, entry: Entry) -> None:
        raise AssertionError("nothing is owed")

    async def close(self) -> None:
        """There is nothing to close."""


@dataclass(frozen=True)
class Office:
    database: Database
    http: httpx.AsyncClient
    credentials: Mapping[str, str] = field(repr=False)

    async def enter(self, who: str) -> None:
        self.http.cookies.clear()
        answer = await self.post("/login", {"credential": self.credentials[who], "next": "/explorer/"})
        assert answer.status_code == 303

    async def see(self, fields: Mapping[str, str], **headers: str) -> httpx.Response:
        return await self.http.get("/privacy/report", params=dict(fields), headers=headers)

    async def ask(self, fields: Mapping[str, str]) -> httpx.Response:
        """As the page would, with its token."""
        token = re.search(r'name="form" value="([0-9a-f]+)"', (await self.http.get("/privacy")).text)
        assert token is not None
        return await self.post("/privacy/report", {**fields, "form": token[1]})

    async def post(self, path: str, fields: Mapping[str, str]) -> httpx.Response:
        return await self.http.post(path, data=dict(fields), headers={"origin": "http://gateway"})

    def releases(self) -> list[tuple[str, str]]:
        return [(one.state, one.asked_by) for one in Ledger(self.database).releases(a_budget())]

    def acts(self, action: str) -> list[Act]:
        """The oldest first."""
        return [row.act for row in read_acts(self.database, limit=1_000) if row.act.action == action][::-1]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """60 exchanges of 60 people with the small model; a budget of epsilon 2."""
    with closing(sqlite_at(tmp_path / "audit.sqlite")) as opened:
        put(opened, (an_exchange(f"c{n}", f"p{n}") for n in range(60)))
        Ledger(opened).declare(a_budget(contributions=1), "test")
        yield opened


@pytest.fixture
async def office(tmp_path: Path, database: Database) -> AsyncIterator[Office]:
    pepper = Pepper(b"p" * 32)
    (tmp_path / "policy.yaml").write_text(POLICY)
    policy = PolicySource(
        tmp_path / "policy.yaml", known_entities=built_in_entities(), surrogate_entities=SURROGATE_ENTITIES, environ={}
    )
    minted = {who: mint_for_person(pepper, person=who, now=LATER) for who in (OFFICER, AUDITOR, STRANGER)}
    with closing(KeyStore(tmp_path / "keys.json", refresh_s=0)) as keys:
        for one in minted.values():
            keys.add(one.record)
        parts = ExplorerParts(
            person=Authenticator(keys, pepper, policy).person,
            keys=keys,
            pepper=pepper,
            policy=policy,
            log=TableLog(database),
            database=database,
            keyring=Keyring(database, LocalMaster(KeyFile(tmp_path / "master.key"))),
            clock=lambda: LATER,
        )
        host = FastAPI()
        mount_explorer(host, build_explorer(parts))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=host), base_url="http://gateway/explorer") as http:
            office = Office(database, http, {who: one.plaintext for who, one in minted.items()})
            await office.enter(OFFICER)
            yield office


async def test_the_price_is_shown_for_free_and_the_answer_when_it_is_paid(office: Office) -> None:
    assert "/privacy/report?tenant=acme&amp;data_set=january" in (await office.http.get("/privacy")).text
    priced = await office.see(COUNT)
    assert priced.status_code == 200
    assert "Ask, and spend this" in priced.text
    assert re.search(r"<dd>0 / 2</dd>.*<dd>1\.5 / 2</dd>", priced.text, re.DOTALL), "spent before and after"
    assert office.releases() == []

    asked = await office.ask(COUNT)
    (release,) = Ledger(office.database).releases(a_budget())
    assert (asked.status_code, asked.headers["location"]) == (303, f"/explorer/privacy#{release.id}")
    assert office.releases() == [("settled", OFFICER)]
    page = (await office.http.get("/privacy")).text
    assert f'id="{release.id}"' in page
    assert re.search(r"<td>small</td><td class=\"num\">\d+</td><td class=\"num\">± \d+</td>", page)
    # of a group of nobody a number is told by chance, once in a thousand; one of 30 is ten standard deviations away
    assert re.search(r"<td>large</td><td class=\"num\">(too small to tell|[12]\d)</td>", page)
    intended, done = (act for act in read_all(office, "dp.report"))
    assert (intended.act_id, intended.outcome, done.outcome) == (done.act_id, "intended", "done")
    assert (done.actor, done.tenant, done.target) == (OFFICER, "acme", "january")
    assert done.note is not None
    assert done.note.startswith("count of exchanges by model, epsilon 1.5, question ")


async def test_an_equal_question_is_free_also_where_the_command_asked_it(office: Office) -> None:
    question = Question(by=By.MODEL, figure=Figure.COUNT, groups=("large", "small"), epsilon=1.5)
    known = report(office.database, a_budget(contributions=1), question, "cli:root", LATER)
    priced = await office.see({**COUNT, "of": "duration", "most": "7", "quantile": "0.9"})
    assert "This was asked before." in priced.text
    assert (await office.ask(COUNT)).headers["location"].endswith(f"#{known.release}")
    assert office.releases() == [("settled", "cli:root")]


async def test_what_the_budget_does_not_allow_is_refused_and_on_the_record(office: Office) -> None:
    await office.ask(COUNT)
    again = {**COUNT, "by": "tenant"}
    assert "Ask, and spend" not in (await office.see(again)).text
    refused = await office.ask(again)
    assert refused.status_code == 403
    assert "The budget does not allow this report any more." in refused.text
    assert office.releases() == [("settled", OFFICER)]
    assert [(act.outcome.value, act.error_code) for act in office.acts("dp.report")][-1] == ("failed", "privacy_budget_spent")
    assert "scale of the noise of the quantiles" in (await office.see(QUANTILE)).text


NONSENSE: Sequence[tuple[dict[str, str], str]] = (
    ({"epsilon": "0"}, "Epsilon is a number"),
    ({"epsilon": "nan"}, "Epsilon is a number"),
    ({"epsilon": "<script>"}, "Epsilon is a number"),
    ({"figure": "sum", "of": "tokens", "most": "1.5"}, "a whole number"),
    ({"figure": "sum", "of": "names", "most": "1"}, "not of that"),
    ({"figure": "quantile", "of": "tokens", "most": "9", "quantile": "1"}, "between 0 and 1"),
    ({"figure": "average"}, "no such figure"),
    ({"by": "person"}, "not told apart by that"),
    ({"by": "purpose"}, "names no such groups"),
)


async def test_a_question_that_makes_no_sense_is_explained_and_costs_nothing(office: Office) -> None:
    for changes, told in NONSENSE:
        answer = await office.see({**COUNT, **changes})
        assert (answer.status_code, told in answer.text, "<script>" in answer.text) == (400, True, False), changes
    assert (await office.ask({**COUNT, "epsilon": "0"})).status_code == 400
    assert office.releases() == []


async def test_who_may_ask_and_of_whom(office: Office) -> None:
    assert (await office.see({**HERE, "data_set": "none"})).status_code == 404
    for who, status in ((AUDITOR, 403), (STRANGER, 404)):
        await office.enter(who)
        assert (await office.see(COUNT)).status_code == status
        assert (await office.ask(COUNT)).status_code == status
        assert "privacy/report" not in (await office.http.get("/privacy")).text
    assert office.releases() == []
    denied = [(act.actor, act.outcome.value, act.error_code) for act in office.acts("dp.report")]
    assert denied == [(AUDITOR, "denied", "not_permitted")] * 2 + [(STRANGER, "denied", "not_found")] * 2


async def test_nobody_writes_into_what_another_tenant_reads(office: Office) -> None:
    await office.enter(STRANGER)
    words = {**HERE, "data_set": "Ask Eve for the password"}
    assert ((await office.see(words)).status_code, (await office.ask(words)).status_code) == (404, 404)
    entered = [(act.outcome.value, act.tenant, act.target) for act in office.acts("dp.report")]
    assert entered == [("denied", "bank", f"{HERE['tenant']}/Ask Eve for the password")] * 2


async def test_a_form_from_elsewhere_spends_nothing(office: Office) -> None:
    assert (await office.post("/privacy/report", {**COUNT, "form": "0" * 64})).status_code == 403
    elsewhere = await office.http.post("/privacy/report", data=COUNT, headers={"origin": "http://evil.example"})
    assert elsewhere.status_code == 403
    assert office.releases() == []


async def test_every_field_has_a_label_and_says_what_is_wrong_with_it(office: Office) -> None:
    tags = Tags((await office.see({**COUNT, "epsilon": "-1"})).text)
    fields = [one for one in tags.of("input", "select") if one.get("type") != "hidden"]
    assert len(fields) == 6
    assert {one["id"] for one in fields} == {one["for"] for one in tags.of("label")}
    (wrong,) = (one for one in fields if one.get("aria-invalid"))
    assert (wrong["name"], wrong["aria-describedby"]) == ("epsilon", "problem")
    (problem,) = (one for one in tags.of("p") if one.get("id") == "problem")
    assert problem["role"] == "alert"
    chinese = (await office.see(COUNT, **{"accept-language": "zh-CN"})).text
    assert "提交并消耗预算" in chinese
    assert 'lang="zh-CN"' in chinese


def read_all(office: Office, action: str) -> list[Act]:
    """As each entry of these acts tells it."""
    with office.database.reading() as connection:
        bodies = connection.execute(select(ENTRIES.c.body).where(ENTRIES.c.kind == "act").order_by(ENTRIES.c.seq)).scalars()
        return [act for act in map(Act.from_json, bodies) if act.action == action]


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self._found: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._found.append((tag, {name: value or "" for name, value in attrs}))

    def of(self, *names: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self._found if tag in names]
