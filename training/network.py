"""The network and its training: an embedding of each token's features, then dilated convolutions (Strubell et al. 2017)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Array = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Sample:
    """A text as a network sees it: `ids` (tokens, features), `tags` (tokens,), -1 where the tag is not known.

    `grammar` (tokens, classes) is what a larger model thinks of words and parts of speech, as logits: a second task, learnt
    beside the first and forgotten at export. `told` (tokens, tags) is what others think of the first task.
    `weight` is the text's say in the first task.
    """

    ids: Array = field(repr=False)
    tags: Array = field(repr=False)
    weight: float = 1.0
    grammar: NDArray[np.float16] | None = field(default=None, repr=False)
    told: NDArray[np.float16] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Sizes of a network. `forget` is the chance, for each feature, that a token goes without it in training."""

    sizes: tuple[int, ...]
    tags: int
    grammar: int = 0
    embedding: int = 64
    width: int = 96
    dilations: tuple[int, ...] = (1, 2, 4, 1)
    dropout: float = 0.25
    spread: float = 0.35
    forget: tuple[float, ...] = ()


class Convolutions(nn.Module):
    """Residual dilated convolutions of width 3 over the tokens."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.padding = sum(shape.sizes)
        self.register_buffer("offsets", torch.tensor(np.append(0, np.cumsum(shape.sizes)[:-1])))
        self.table = nn.Embedding(self.padding + 1, shape.embedding, padding_idx=self.padding)
        nn.init.normal_(self.table.weight, std=shape.spread)
        with torch.no_grad():
            self.table.weight[self.padding].zero_()
        self.first = nn.Conv1d(shape.embedding, shape.width, 3, padding=1)
        self.layers = nn.ModuleList(
            nn.Conv1d(shape.width, shape.width, 3, padding=dilation, dilation=dilation) for dilation in shape.dilations
        )
        self.last = nn.Conv1d(shape.width, shape.tags, 1)
        self.grammar = nn.Conv1d(shape.width, max(shape.grammar, 1), 1)
        self.drop = nn.Dropout1d(shape.dropout)

    def forward(self, ids: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """`ids` (batch, tokens, features) without offsets, `real` (batch, tokens); logits of tags and of grammar."""
        rows = ids + self.offsets
        forget = torch.zeros_like(rows, dtype=torch.bool)
        if self.training and self.shape.forget:
            forget = torch.rand(rows.shape) < torch.tensor(self.shape.forget)
        rows = torch.where(real.unsqueeze(-1) & ~forget, rows, self.padding)
        mask = real.unsqueeze(1)
        hidden = self.drop(self.table(rows).sum(2).transpose(1, 2))
        hidden = torch.relu(self.first(hidden)) * mask
        for layer in self.layers:
            hidden = (hidden + torch.relu(layer(self.drop(hidden)))) * mask
        hidden = self.drop(hidden)
        return self.last(hidden).transpose(1, 2), self.grammar(hidden).transpose(1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long and how fast. `tokens` is a batch's size."""

    epochs: int
    tokens: int = 4000
    rate: float = 3e-3
    decay: float = 0.01
    smoothing: float = 0.02
    average: float = 0.95
    average_every: int = 8
    grammar: float = 0.3
    told: float = 1.0
    threads: int = 1


def train(
    network: Convolutions, samples: Callable[[int], Sequence[Sample]], plan: Plan, *, seed: int, tell: Callable[[str], None]
) -> Convolutions:
    """Train on what `samples` gives for each epoch; returns the running average of the weights."""
    torch.manual_seed(seed)
    torch.set_flush_denormal(True)  # moments of rare rows decay into denormal numbers, which are slow
    torch.set_num_threads(plan.threads)
    chance = random.Random(seed)
    others = [weights for name, weights in network.named_parameters() if name != "table.weight"]
    groups = [{"params": others}, {"params": [network.table.weight], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=plan.rate, weight_decay=plan.decay, fused=True)
    steps = plan.epochs * len(list(_batches(samples(0), plan.tokens, random.Random(0))))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, plan.rate, total_steps=steps + plan.epochs * 8, pct_start=0.1)
    averaged = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(plan.average)
    )
    for epoch in range(plan.epochs):
        began, total, count = time.monotonic(), 0.0, 0
        network.train()
        for batch in _batches(samples(epoch), plan.tokens, chance):
            loss = _loss(network, batch, plan)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            if count % plan.average_every == 0:
                averaged.update_parameters(network)
            total, count = total + float(loss.detach()), count + 1
        tell(f"epoch {epoch + 1}/{plan.epochs} loss {total / max(count, 1):.4f} {time.monotonic() - began:.0f} s")
    result = averaged.module
    result.eval()
    return result


def _loss(network: Convolutions, batch: Sequence[Sample], plan: Plan) -> Tensor:
    longest = max(len(sample.ids) for sample in batch)
    features = batch[0].ids.shape[1]
    ids = np.zeros((len(batch), longest, features), np.int64)
    tags = np.full((len(batch), longest), -1, np.int64)
    grammar = np.zeros((len(batch), longest, network.shape.grammar), np.float32)
    opinions = np.zeros((len(batch), longest, network.shape.tags), np.float32)
    real = np.zeros((len(batch), longest), bool)
    weights = np.zeros((len(batch), longest), np.float32)
    for row, sample in enumerate(batch):
        size = len(sample.ids)
        ids[row, :size], tags[row, :size], real[row, :size], weights[row, :size] = sample.ids, sample.tags, True, sample.weight
        if sample.grammar is not None:
            grammar[row, :size] = sample.grammar
        if sample.told is not None:
            opinions[row, :size] = sample.told
    told, spoken = network(torch.from_numpy(ids), torch.from_numpy(real))
    loss = _weighed(told, tags, weights, plan.smoothing)
    tokens = torch.from_numpy(real)
    taught = torch.tensor([sample.grammar is not None for sample in batch])
    advised = torch.tensor([sample.told is not None for sample in batch])
    loss = loss + plan.grammar * _distance(spoken, torch.from_numpy(grammar), tokens, taught)
    return loss + plan.told * _distance(told, torch.from_numpy(opinions), tokens, advised)


def _distance(scores: Tensor, told: Tensor, real: Tensor, texts: Tensor) -> Tensor:
    """Cross entropy with what others think of the tokens of these `texts` (Hinton et al. 2015); 0 where there are none."""
    if not texts.any():
        return scores.new_zeros(())
    losses = -(told[texts].softmax(-1) * scores[texts].log_softmax(-1)).sum(-1)
    return (losses * real[texts]).sum() / real[texts].sum()


def _weighed(scores: Tensor, tags: NDArray[np.int64], weights: NDArray[np.float32], smoothing: float) -> Tensor:
    """Cross entropy over the tokens whose tag is known."""
    losses = nn.functional.cross_entropy(
        scores.flatten(0, 1), torch.from_numpy(tags).flatten(), ignore_index=-1, label_smoothing=smoothing, reduction="none"
    )
    known = torch.from_numpy(weights * (tags >= 0)).flatten()
    return (losses * known).sum() / known.sum().clamp(min=1)


def _batches(samples: Sequence[Sample], tokens: int, chance: random.Random) -> Iterator[list[Sample]]:
    """Samples of like length together, in random order."""
    order = sorted(range(len(samples)), key=lambda at: len(samples[at].ids) + chance.random() * 8)
    batches: list[list[Sample]] = []
    batch: list[Sample] = []
    for at in order:
        sample = samples[at]
        if not len(sample.ids):
            continue
        if batch and (len(batch) + 1) * len(sample.ids) > tokens:
            batches.append(batch)
            batch = []
        batch.append(sample)
    if batch:
        batches.append(batch)
    chance.shuffle(batches)
    yield from batches
