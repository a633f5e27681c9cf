"""A bank and a shop behind one gateway, people who look into its record, and a day's worth of exchanges."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import mint_for_person
from tests.support import script
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import RunningGateway, running_gateway
from tests.support.script import Request, Script

AUDITOR, OFFICER, OTHER_OFFICER, OPERATOR, DEVELOPER = "auditor@bank", "officer@bank", "second@bank", "ops@bank", "dev@bank"
EVERYBODY, SHOP_AUDITOR = "auditor", "auditor@shop"

POLICY = """\
version: 1
deployments:
  frankfurt: {{base_url: "{url}", region: eu, timeouts: {{connect_s: 2, first_byte_s: 5, between_bytes_s: 5, total_s: 20}}}}
models:
  qwen3-8b: {{deployments: [frankfurt], price: {{input: 0.4, output: 1.2}}}}
  glm-4-9b: {{deployments: [frankfurt]}}
tenants:
  bank:
    models: [qwen3-8b, glm-4-9b]
    entities: {{default: placeholder, IBAN_CODE: mask, CREDIT_CARD: block}}
    reply: {{restore: true}}
    record: {{content: redacted, originals: sealed, retention_days: 90}}
    rules:
      many-people: {{when: findings.PERSON > 5, deny: Requests about more than five people go to the privacy office.}}
    principals: {{app: {{}}, service-desk: {{}}}}
    teams:
      claims:
        entities: {{EMAIL_ADDRESS: hash}}
        principals: {{claims-bot: {{}}}}
  shop:
    models: [glm-4-9b]
    principals: {{till: {{}}}}
identity:
  people:
    {auditor}: {{roles: [auditor], tenants: [bank]}}
    {officer}: {{roles: [privacy_officer], tenants: [bank]}}
    {second}: {{roles: [privacy_officer], tenants: [bank]}}
    {ops}: {{roles: [operator], tenants: [bank]}}
    {dev}: {{roles: [developer], tenants: [bank]}}
    {shop}: {{roles: [auditor], tenants: [shop]}}
    {everybody}: {{roles: [auditor, privacy_officer]}}
"""


def policy_of(url: str) -> str:
    return POLICY.format(
        url=url,
        auditor=AUDITOR,
        officer=OFFICER,
        second=OTHER_OFFICER,
        ops=OPERATOR,
        dev=DEVELOPER,
        shop=SHOP_AUDITOR,
        everybody=EVERYBODY,
    )


@dataclass(frozen=True)
class Bank:
    """The gateway, the model behind it, and a key for everybody."""

    gateway: RunningGateway
    backend: ScriptedBackend
    keys: dict[str, str] = field(repr=False)
    callers: dict[str, str] = field(repr=False)
    closing: ExitStack = field(repr=False)

    @property
    def url(self) -> str:
        """Where the explorer is."""
        return self.gateway.base_url.removesuffix("/v1") + "/explorer"

    def ask(self, messages: Any, *, who: str = "app", model: str = "qwen3-8b", **fields: Any) -> httpx.Response:
        """A chat; `messages` may be one text of the user's. Gives back the answer, whatever it is."""
        said = [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
        headers = {"authorization": f"Bearer {self.callers[who]}"} | fields.pop("headers", {})
        body = {"model": model, "messages": said, **fields}
        return self.gateway.http.post("/chat/completions", json=body, headers=headers)

    def browse(self, who: str | None = None) -> Browser:
        """A client that keeps cookies; logged in where somebody is named."""
        http = self.closing.enter_context(httpx.Client(base_url=self.url, timeout=30, verify=_unused()))
        browser = Browser(http, self.url.removesuffix("/explorer"))
        if who is not None:
            assert browser.log_in(self.keys[who]).status_code == 303
        return browser


@dataclass(frozen=True)
class Browser:
    """What a browser without a script does: it follows no redirect by itself."""

    http: httpx.Client
    origin: str

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.http.get(path, **more)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        return self.http.post(path, data=fields, headers={"origin": self.origin} | headers)

    def log_in(self, credential: str) -> httpx.Response:
        return self.post("/login", {"credential": credential, "next": "/explorer/"})

    def send(self, page: str, path: str, fields: dict[str, str]) -> httpx.Response:
        """Fill in a form of this page, whose token goes with it."""
        token = re.search(r'name="form" value="([0-9a-f]+)"', self.get(page).text)
        assert token is not None
        return self.post(path, fields | {"form": token[1]})


@contextmanager
def open_bank(folder: Path, **settings: Any) -> Iterator[Bank]:
    """Entries are signed at once, so that each exchange has a proof."""
    with backend_in_thread() as backend, running_gateway(folder, policy_of(backend.url), **at_once(settings)) as gateway:
        callers = {
            "app": gateway.issue("app", "bank"),
            "service-desk": gateway.issue("service-desk", "bank"),
            "claims-bot": gateway.issue("claims-bot", "bank"),
            "till": gateway.issue("till", "shop"),
        }
        people = (AUDITOR, OFFICER, OTHER_OFFICER, OPERATOR, DEVELOPER, SHOP_AUDITOR, EVERYBODY)
        with bank_of(gateway, backend, callers=callers, people=people) as bank:
            yield bank


@contextmanager
def bank_of(
    gateway: RunningGateway, backend: ScriptedBackend, *, callers: dict[str, str], people: tuple[str, ...]
) -> Iterator[Bank]:
    """A bank behind this gateway, with a key for each of these people."""
    keys = {person: _key_of(person, gateway) for person in people}
    time.sleep(1.1)  # the gateway looks for new keys once a second
    with ExitStack() as closing:
        yield Bank(gateway, backend, keys, callers, closing)


def at_once(settings: dict[str, Any]) -> dict[str, Any]:
    return {"audit_checkpoint_entries": 1, "audit_checkpoint_s": 1.0} | settings


def a_day(bank: Bank) -> None:
    """Exchanges of every kind: two languages, a conversation, streams, refusals, faults."""
    bank.backend.reply_with(_answer)
    first = "Please write to Alice Johnson (alice.johnson@example.org) about her claim. Her IBAN is DE89370400440532013000."
    told = bank.ask(first, who="service-desk")
    answer = told.json()["choices"][0]["message"]["content"]
    thread = [{"role": "user", "content": first}, {"role": "assistant", "content": answer}]
    bank.ask([*thread, {"role": "user", "content": "Make it shorter, and copy Robert Miller."}], who="service-desk")
    bank.ask("请给张伟打电话，号码是13812345678，确认他的地址。", who="app")
    bank.ask("Summarise the mail of maria.garcia@example.com", who="claims-bot", stream=True)
    bank.ask("What is the capital of France?", who="till", model="glm-4-9b")
    bank.ask("Charge it to my card 4111 1111 1111 1111", who="app")
    people = "Alice Johnson, Robert Miller, Maria Garcia, John Smith, Peter Brown, Susan Clark and Emma White"
    bank.ask(f"Compare {people}.", who="app")
    bank.ask("Hello", who="app", model="gpt-5")
    bank.backend.reply_with(script.error(500))
    bank.ask("Is Alice Johnson a customer?", who="app", model="glm-4-9b")
    bank.backend.reply_with(_answer)
    for number in range(8):
        bank.ask(f"Draft reply {number} to Susan Clark, susan.clark@example.org", who=("app", "service-desk")[number % 2])
    bank.gateway.records(17)


@cache
def _unused() -> ssl.SSLContext:
    """A client makes one for itself, which takes longer than most of these requests."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _answer(request: Request) -> Script:
    """A model that speaks to whom it was told of."""
    said = next(str(one["content"]) for one in reversed(request.json["messages"]) if one["role"] == "user")
    names = re.findall(r"<[A-Z_]+_\d+>", said)
    if not names:
        return script.text(request, "Paris.")
    return script.text(
        request, f"Dear {names[0]},\n\nthank you for your message. We will write to {names[-1]} today.\n\nYour bank"
    )


def _key_of(person: str, gateway: RunningGateway) -> str:
    new = mint_for_person(load_pepper(gateway.settings.secret_path, {}), person=person, now=datetime.now(UTC))
    KeyStore(gateway.settings.keys_path).add(new.record)
    return new.plaintext
