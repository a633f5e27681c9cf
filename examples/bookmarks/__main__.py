"""`python -m examples.bookmarks bookmarks.html "Where did I read about night trains?"`, in English or in Chinese.

Everything happens on this machine: the bookmarks are kept as the gateway keeps documents, pseudonymised and sealed, in a folder
of their own; what has not changed is not read again. No model writes an answer: the address is the answer.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import typer

from gateway.cli.knowledge.desk import Desk, desk
from gateway.grounding.opened import keys_in, opened
from gateway.knowledge.ingest import Target, found
from gateway.knowledge.library import Passage, Question
from gateway.settings import Settings
from gateway.vault.drawer import drawer_of
from gateway.vault.vault import Vault

TENANT = "me"
_POLICY = Path(__file__).with_name("policy.yaml")
_STATE = Path.home() / ".cache" / "gateway-bookmarks"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.bookmarks", description=__doc__)
    parser.add_argument("file", type=Path, help="what the browser exported")
    parser.add_argument("question")
    parser.add_argument("--state", type=Path, default=_STATE, help="where the bookmarks are kept")
    asked = parser.parse_args(arguments)
    with desk(Settings(policy=_POLICY, state_dir=asked.state), _POLICY, TENANT) as at:
        answers = asyncio.run(_answers(at, asked.file, asked.question))
    typer.echo("\n\n".join(answers) or "None of the bookmarks fits.")


async def _answers(at: Desk, file: Path, question: str) -> list[str]:
    """The best three, the best first, with people's names as they stood in the file."""
    await _kept(at, file)
    text = await at.protection.question(TENANT, question, at.rules)
    passages = await at.library.search(Question(TENANT, frozenset(), text, 3))
    return await _opened(at, passages)


async def _kept(at: Desk, file: Path) -> None:
    target = Target(tenant=TENANT, collection="bookmarks", labels=frozenset(), rules=at.rules)
    async with at.ingest() as ingest:
        for named, files in found([str(file)]):
            await ingest.add(target, named, files, lambda _: None)


async def _opened(at: Desk, passages: Sequence[Passage]) -> list[str]:
    texts = [passage.text for passage in passages]
    if not (keys := keys_in(texts)):
        return texts
    with closing(Vault(at.store.database, at.keys)) as vault:
        values = await vault.recall(drawer_of(await at.keys.of(TENANT), "tenant"), keys)
    return [opened(text, values).text for text in texts]


if __name__ == "__main__":
    main()
