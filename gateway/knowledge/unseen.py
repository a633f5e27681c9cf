"""People in a question who are in no passage that its asker may see: to the asker they are as unknown as if nobody knew them.

A question has the placeholders that its people have in the tenant's drawer, which all documents share; one whom nobody knows
has the next number. (What looked like a placeholder in a question was broken before.) A number changes the vector that is made
of the question, and with it every score: who sees scores could tell a person in a document of others from one in none, and
count people as documents are added. So all of these have one number, 0, which nobody else has.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from gateway.keys.data_key import TenantKey
from gateway.knowledge.shelves import Shelf
from gateway.knowledge.terms import keyed
from gateway.knowledge.wording import MOST_TERMS, any_of, portions
from gateway.redaction.placeholders import SPELLED
from gateway.store.tables.knowledge import POSTINGS


def names_people(text: str) -> bool:
    """Whether there is anything to be asked."""
    return SPELLED.search(text) is not None


def without_unseen(connection: Connection, key: TenantKey, shelves: Sequence[Shelf], text: str) -> str:
    """`shelves` are those that the asker may see."""
    asked = sorted({found.group() for found in SPELLED.finditer(text)})
    columns, seen = select(POSTINGS.c.shelf, POSTINGS.c.term).distinct(), set[str]()
    for at in range(0, len(asked), MOST_TERMS):
        names = {(shelf.id, keyed(key, shelf.id, one)): one for shelf in shelves for one in asked[at : at + MOST_TERMS]}
        for some in portions(names):
            seen.update(names[shelf, term] for shelf, term in connection.execute(columns.where(any_of(some))))
    return SPELLED.sub(lambda found: found.group() if found.group() in seen else f"<{found[1]}_0>", text)
