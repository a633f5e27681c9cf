"""Promise 6 for items of answers that policy keeps for their callers: which are kept, that they rest sealed, and that who is erased
is in none of them any more. What a client does with them is in `test_4h_items_by_reference`.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from gateway.errors import AuditUnavailable
from gateway.store.tables.vault import VAULT_ITEMS, VAULT_MENTIONS
from tests.promises.stored_items import ALICE, BOB, MAIL_1, answered, ask, erase, named, pair, running, saying, stream, user
from tests.promises.test_6c_kept_content_is_sealed import places
from tests.promises.two_gateways import Pair
from tests.store.databases import sqlite_at
from tests.support.gateway import RunningGateway
from tests.support.response_shapes import response, response_deltas
from tests.support.script import Request, Script, deltas, plain
from tests.support.shapes import ToolCall

__all__ = ["pair", "running", "stream"]


@pytest.mark.parametrize(
    ("said", "more"), [("hello", {"store": False}), (f"{ALICE}, {BOB}, carol@corp-example.org", {})], ids=["declined", "a rule"]
)
def test_what_is_not_to_be_kept_is_not(pair: Pair, said: str, more: dict[str, Any], stream: bool) -> None:
    (item,) = answered(ask(pair.first, said, stream=stream, **more))
    assert ask(pair.first, [user("hello"), *named(item)]).status_code == 404


def test_an_id_that_a_backend_gives_twice_names_nothing(pair: Pair) -> None:
    pair.backend.reply_with(saying("The door is open.", own=False))
    ask(pair.first, "hello")
    pair.backend.reply_with(saying("The door is shut.", own=False))
    (item,) = answered(ask(pair.first, "hello"))
    assert ask(pair.first, [user("hello"), *named(item)]).status_code == 404


def test_nothing_of_it_rests_in_the_open(pair: Pair) -> None:
    secret = "dorothea.winterbottom@corp-example.org"
    pair.backend.reply_with(saying(f"Dear {MAIL_1}, the word is xylographer."))
    (item,) = answered(ask(pair.first, f"I am {secret}"))
    state = pair.first.settings.state_dir
    for planted in (secret, "xylographer", item["id"]):
        assert places(state, planted) == []
    assert places(state, "vault_items")  # the search finds what is there


async def test_who_is_erased_is_in_no_item_any_more(pair: Pair) -> None:
    """Also whom the model named by itself."""
    pair.backend.reply_with(saying(f"Ask {MAIL_1}, or ivo.unbidden@corp-example.org."))
    (of_both,) = answered(ask(pair.first, "I am hedwig@corp-example.org"))
    pair.backend.reply_with(saying("Ask nobody."))
    (of_nobody,) = answered(ask(pair.first, "I am hedwig@corp-example.org"))
    assert await erase(pair.first, "ivo.unbidden@corp-example.org") == 1
    assert ask(pair.second, named(of_both)).status_code == 404
    assert ask(pair.second, [*named(of_nobody), user("whom?")]).status_code == 200


@pytest.mark.parametrize(
    ("tenant", "said", "answer", "value"),
    [
        ("acme", "My account number: 12345678", "It is <US_BANK_NUMBER_1>.", "12345678"),
        ("initech", f"Ann Baker's mail is {ALICE}", "Dear <PERSON_1>, well done.", "Ann Baker"),
    ],
    ids=["an answer does not say what a number is", "a rule on findings replaces what is kept else"],
)
async def test_what_was_put_back_is_erased_as_well(
    pair: Pair, tenant: str, said: str, answer: str, value: str, stream: bool
) -> None:
    pair.backend.reply_with(saying(answer))
    (item,) = answered(ask(pair.first, said, tenant=tenant, stream=stream))
    assert value in item["content"][0]["text"]
    assert await erase(pair.first, value, tenant) == 1
    assert ask(pair.second, named(item), tenant=tenant).status_code == 404


async def test_so_is_what_an_earlier_turn_said_where_nothing_is_looked_for(pair: Pair, stream: bool) -> None:
    """A rule on findings had it replaced then, and does not apply now that everything is kept."""
    talk = f"talk {stream}"
    pair.backend.reply_with(saying("Dear <PERSON_1>, well done."))
    answered(ask(pair.first, f"Ann Baker's mail is {ALICE}", tenant="hooli", talk=talk, store=False))
    (item,) = answered(ask(pair.second, "who am I?", tenant="hooli", talk=talk, stream=stream))
    assert "Ann Baker" in item["content"][0]["text"]
    assert await erase(pair.first, "Ann Baker", "hooli") == 2  # out of the conversation too
    assert ask(pair.second, named(item), tenant="hooli").status_code == 404


def test_what_nobody_can_read_keeps_the_rest_of_an_answer_from_nothing(pair: Pair) -> None:
    """It is refused when it is named, as when it is sent."""

    def script(request: Request) -> Script:
        body = response(request.json, f"You are {MAIL_1}.")
        body["output"][0]["id"] = "msg_of_thought"
        body["output"].append({"id": "rs_of_thought", "type": "reasoning", "summary": [], "encrypted_content": "Z0FBQUFB" * 9})
        return plain(body)

    pair.backend.reply_with(script)
    said, thought = answered(ask(pair.first, f"I am {ALICE}"))
    assert ask(pair.second, [*named(said), user("who?")], store=False).status_code == 200
    refused = ask(pair.second, [*named(said, thought), user("who?")], store=False)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "uninspectable_content")


def test_an_answer_of_too_many_items_is_not_kept(pair: Pair) -> None:
    """Meanwhile nobody else could write into the database."""
    calls = [ToolCall("send", "{}", id=f"call_{at}") for at in range(251)]
    pair.backend.reply_with(saying("", *calls))
    before = rows(pair.first)
    items = answered(ask(pair.first, "hello"))
    assert (len(items), rows(pair.first)) == (251, before)
    pair.backend.reply_with(saying(" ".join(f"u{at}@corp-example.org" for at in range(5_001))))
    assert answered(ask(pair.first, "hello"))
    assert rows(pair.first) == before


def test_an_answer_is_whole_though_it_cannot_be_kept(pair: Pair, stream: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise AuditUnavailable("the disk is full")

    monkeypatch.setattr("gateway.vault.items.keep", fails)
    (item,) = answered(ask(pair.first, f"I am {ALICE}", stream=stream))
    assert item["content"][0]["text"] == f"You are {ALICE}."
    assert ask(pair.first, named(item)).status_code == 404


def test_a_broken_stream_leaves_nothing(pair: Pair) -> None:
    def cut(request: Request) -> Script:
        events = response_deltas(request.json, f"You are {MAIL_1}.")[:-1]
        return deltas(events, surface="responses")

    pair.backend.reply_with(cut)
    before = rows(pair.first)
    ask(pair.first, f"I am {ALICE}", stream=True)
    assert rows(pair.first) == before


def rows(gateway: RunningGateway) -> tuple[int, int]:
    with closing(sqlite_at(gateway.settings.audit_path)) as database, database.reading() as connection:
        counts = [len(connection.execute(table.select()).all()) for table in (VAULT_ITEMS, VAULT_MENTIONS)]
        return counts[0], counts[1]
