"""What answered is shown: which calls it took, what was served, whether it left the premises, and who counted the tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gateway.audit.event import ExchangeRecord
from tests.explorer.bank import Bank, Browser, bank_of
from tests.support.backend import backend_in_thread
from tests.support.gateway import running_gateway
from tests.support.script import Request, Script, plain

AUDITOR, OF_SHOP = "auditor", "auditor@shop"
POLICY = f"""\
version: 1
deployments:
  broken: {{base_url: "http://127.0.0.1:9/v1", price_per_hour: 9}}
  away: {{base_url: "URL", external: true, version: 2026-10, digest: "sha256:{"ab" * 32}"}}
models:
  assistant: {{deployments: [broken, away], price: {{input: 1000, output: 2000}}, compares_to: GPT-6 Luna}}
  gpt-4o: {{alias: assistant}}
organisation: {{route: {{external: true}}}}
tenants:
  acme: {{models: [assistant], principals: {{app: {{}}}}}}
  shop: {{models: [assistant], principals: {{till: {{}}}}}}
identity:
  people:
    {AUDITOR}: {{roles: [auditor]}}
    {OF_SHOP}: {{roles: [auditor], tenants: [shop]}}
"""


@dataclass(frozen=True)
class House:
    bank: Bank
    record: ExchangeRecord

    def page(self, path: str, who: str = AUDITOR, **headers: str) -> str:
        browser: Browser = self.bank.browse(who)
        answer = browser.get(path, headers=headers)
        assert answer.status_code == 200
        return answer.text


def silent(_: Request) -> Script:
    message = {"role": "assistant", "content": "one two three"}
    return plain(
        {"id": "r", "object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("served")
    with backend_in_thread() as backend, running_gateway(folder, POLICY.replace("URL", backend.url)) as gateway:
        backend.reply_with(silent)
        assert gateway.chat("one two", model="gpt-4o").status_code == 200
        (record,) = gateway.records(1)
        with bank_of(gateway, backend, callers={}, people=(AUDITOR, OF_SHOP)) as bank:
            yield House(bank, record)


def test_every_call_to_a_deployment_is_in_the_table(house: House) -> None:
    shown = house.page(f"/exchanges/{house.record.call_id}")
    assert [one.deployment for one in house.record.attempts] == ["broken"] * (len(house.record.attempts) - 1) + ["away"]
    for words in ("Calls to deployments", "not reached", "answered", '<th scope="row">broken</th>'):
        assert words in shown


def test_what_was_served_and_who_counted_is_said(house: House) -> None:
    shown = house.page(f"/exchanges/{house.record.call_id}")
    for words in ("left the premises", "2026-10", "sha256:abab", "asked for as gpt-4o", "estimated"):
        assert words in shown


def test_in_chinese(house: House) -> None:
    shown = house.page(f"/exchanges/{house.record.call_id}", **{"accept-language": "zh-CN"})
    for words in ("已发往外部", "对部署的调用", "无法连接", "估算", "请求名称为 gpt-4o"):
        assert words in shown


def test_lists_mark_it_and_filter_by_it(house: House) -> None:
    call = house.record.call_id
    assert "left the premises</span>" in house.page("/")
    for query, there in (("external=yes", True), ("version=2026-10", True), ("version=2026-11", False)):
        assert (call in house.page(f"/?{query}")) is there


def test_exports_have_it_too(house: House) -> None:
    head, line = house.page("/export/csv").splitlines()
    told = dict(zip(head.split(","), line.split(","), strict=False))
    assert (told["version"], told["external"], told["tokens_from"]) == ("2026-10", "True", "estimated")


def test_the_panel_on_hosting_is_for_those_who_see_all(house: House) -> None:
    shown = house.page("/dashboard")
    assert "Is hosting it yourself cheaper?" in shown
    assert "dearer" in shown.partition('id="h-hosting"')[2]
    for path, who in (("/dashboard?tenant=acme", AUDITOR), ("/dashboard", OF_SHOP)):
        assert "Is hosting it yourself cheaper?" not in house.page(path, who)
