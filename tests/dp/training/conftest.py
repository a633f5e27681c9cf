"""Training is tested where its libraries are: `make test-dp`, in `.venv-dp`. The model is a tiny llama with random weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pytest

from gateway.dp.budget import Budget, Unit
from gateway.dp.dataset.card import DataCard
from gateway.dp.dataset.example import Example, Turn
from gateway.dp.dataset.files import DataSet, lines_of, read_data_set, write_data_set
from gateway.dp.ledger import Ledger
from gateway.store import Database
from tests.dp.records import a_budget
from tests.store.databases import sqlite_at

collect_ignore_glob = [] if find_spec("torch") else ["test_accounting.py", "test_step.py", "test_session.py"]
WORDS = "ask about the boats bread lamps desk is open closed at nine ten person one two three system user assistant : .".split()


@dataclass(frozen=True)
class Workplace:
    folder: Path
    ledger: Ledger
    budget: Budget
    data: DataSet
    model: Path
    dataset: Path


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("model")
    vocabulary = {word: at for at, word in enumerate(["<pad>", "<end>", "<unk>", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocab=vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<end>", unk_token="<unk>"
    ).save_pretrained(folder)
    torch.manual_seed(7)
    torch.set_num_threads(1)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def examples(units: int, each: int) -> list[Example]:
    made = []
    for unit in range(units):
        for number in range(each):
            asked = Turn("user", f"ask about the {WORDS[3 + (unit + number) % 3]}")
            answer = Turn("assistant", f"the desk is open at {WORDS[9 + unit % 3]}")
            made.append(Example(tenant="acme", unit=f"u{unit:03}", turns=(asked, answer)))
    return made


def put_data_set(path: Path, made: list[Example], each: int, **changes: object) -> Path:
    lines = lines_of(made)
    card = DataCard(
        tenant="acme",
        data_set="january",
        since="2026-01-01T00:00:00.000Z",
        until="2026-02-01T00:00:00.000Z",
        purposes=("better",),
        unit=Unit.SUBJECT,
        per_unit=each,
        units=len({one.unit for one in made}),
        examples=len(made),
        exchanges=len(made),
        corrected=0,
        left_out={},
        policy_version="1",
        made_at="2026-03-01T00:00:00.000Z",
        sha256=sha256(lines).hexdigest(),
    )
    write_data_set(path, lines, card)
    return path


@pytest.fixture
def workplace(tmp_path: Path, tiny_model: Path) -> Iterator[Workplace]:
    with closing(sqlite_at(tmp_path / "audit.sqlite")) as database:
        yield _workplace(tmp_path, database, tiny_model)


def _workplace(folder: Path, database: Database, model: Path) -> Workplace:
    ledger, budget = Ledger(database), a_budget(epsilon=8.0, delta=1e-3, training_epsilon=6.0, training_delta=9e-4)
    ledger.declare(budget, "cli:test")
    dataset = put_data_set(folder / "data.jsonl", examples(24, 2), 2)
    return Workplace(folder, ledger, budget, read_data_set(dataset), model, dataset)
