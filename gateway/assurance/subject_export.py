"""What is kept about a person, for that person: GDPR Art. 15 and 20, PIPL Art. 45.

It has the content of exchanges in which the person occurs as it is kept, that is redacted, and the person's own values in the
clear, and so the items of answers that are kept for their callers. Other people's values stay closed, and so do the callers'
names: the rights of others go before (GDPR Art. 15(4)).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from gateway.assurance.subject_items import item_document
from gateway.assurance.subjects import Occurrence, Subject, count, find
from gateway.audit.event import ExchangeRecord
from gateway.audit.keeper import Part, context_of
from gateway.audit.kept import altered, read_content
from gateway.errors import KeyDestroyed, Unreadable
from gateway.keys.keyring import Keyring
from gateway.printable import printable
from gateway.store.tables.content import KEPT
from gateway.vault.mentioned import count_mentioning, mentioning

_ABOUT = (
    "What this company's AI gateway keeps about you: the exchanges with a model in which one of your values occurs. Texts are "
    "kept with placeholders instead of personal data; your_values says which placeholders stand for you. Other people's "
    "values are not shown. kept_items are parts of a model's answers that mention you: they are kept, sealed as they were "
    "given, so that whoever asked can go on from them, and are shown here with placeholders. not_shown says why one is not.",
    "本公司的人工智能网关所保存的与您有关的内容：即出现了您的个人信息的各次交互（对模型的提问及其回答）。"
    "文本以占位符代替个人信息保存；your_values 说明哪些占位符代表您。其他人的信息不予显示。"
    "kept_items 是模型回答中提及您的部分：按原样加密保存，供提问者继续对话，此处以占位符显示；"
    "not_shown 说明某一部分未予显示的原因。",
)


def document(connection: Connection, keyring: Keyring, whom: Subject, made_at: str) -> Iterator[bytes]:
    """The export as JSON, piece by piece: there may be many exchanges. Raises ProtectionUnavailable."""
    owner, tags = keyring.tenant(whom.tenant), whom.tags
    head = {
        "about": _ABOUT,
        "tenant": whom.tenant,
        "made_at": made_at,
        "number_of_exchanges": count(connection, whom),
        "number_of_kept_items": count_mentioning(connection, whom.tenant, tags, made_at),
    }
    yield orjson.dumps(head, option=orjson.OPT_INDENT_2)[:-2]
    yield b',\n  "exchanges": ['
    yield from _listed(_exchange(connection, keyring, whom.tenant, one) for one in find(connection, whom))
    yield b'],\n  "kept_items": ['
    items = mentioning(connection, whom.tenant, tags, made_at)
    yield from _listed(item_document(connection, owner, whom, one, made_at) for one in items)
    yield b"]}\n"


def _listed(several: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    before = b"\n"
    for one in several:
        yield before + orjson.dumps(one, option=orjson.OPT_INDENT_2)
        before = b",\n"
    yield b"\n"


def own_values(connection: Connection, keyring: Keyring, tenant: str, one: Occurrence) -> dict[str, str]:
    """Values by what stands for them, of the person's keys only: nobody else's is opened. Raises as `read_content` does."""
    call_id, wrong = one.call_id, altered(connection, one.call_id)
    mine = select(KEPT.c.nr, KEPT.c.key_id, KEPT.c.sealed).where(
        KEPT.c.call_id == call_id, KEPT.c.part == Part.ORIGINAL.value, KEPT.c.key_id.in_(sorted(one.key_ids))
    )
    found: dict[str, str] = {}
    for number, key_id, sealed in connection.execute(mine.order_by(KEPT.c.nr)):
        try:
            key = keyring.data_key(key_id)
        except KeyDestroyed:
            continue
        if key.tenant != tenant or f"{Part.ORIGINAL}/{number}" in wrong:
            raise Unreadable(f"What is kept of {printable(call_id)} is not what was recorded: it was put in its place.")
        stand_in, value = orjson.loads(key.unseal(sealed, context_of(call_id, Part.ORIGINAL, number)))
        found[stand_in] = value
    return found


def _exchange(connection: Connection, keyring: Keyring, tenant: str, one: Occurrence) -> dict[str, Any]:
    content = read_content(connection, keyring, one.call_id, tenant)
    until = connection.execute(select(func.min(KEPT.c.expires_at)).where(KEPT.c.call_id == one.call_id)).scalar_one()
    return {
        "call_id": one.call_id,
        **_circumstances(one.record),
        "kept_until": until,
        "request": content.request,
        "reply": content.reply,
        "your_values": own_values(connection, keyring, tenant, one),
    }


def _circumstances(record: ExchangeRecord | None) -> dict[str, Any]:
    """Purpose, recipient and kinds of data, as Art. 15(1) asks for them."""
    if record is None:
        return {}
    return {
        "at": record.opened_at,
        "purpose": record.asked.purpose if record.asked else None,
        "model": record.model,
        "recipient": record.deployment,
        "kinds_of_personal_data": sorted({count.entity for count in record.findings}),
    }
