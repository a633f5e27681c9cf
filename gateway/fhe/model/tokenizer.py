"""Text to tokens and back, by the `tokenizers` library built from the words in a GGUF; nothing is fetched."""

from __future__ import annotations

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

from gateway.fhe.model.gguf_file import UnreadableModel, Words

_CONTROL, _USER_DEFINED = 3, 4
_GPT2 = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_SPLITS = {"gpt-2": (_GPT2, False), "default": (_GPT2, False), "smollm": (_GPT2, True), "llama-bpe": (_LLAMA3, False)}
"""How llama.cpp (llama-vocab.cpp) cuts text before BPE, by GGUF's `tokenizer.ggml.pre`; the flag cuts digits one by one."""


class WordPieces:
    """One model's tokenizer. Thread-safe."""

    def __init__(self, words: Words) -> None:
        """Raises UnreadableModel for a way to cut text that we do not know."""
        if words.pre not in _SPLITS:
            raise UnreadableModel("the model cuts text in a way that is not known here")
        kinds = list(zip(words.words, words.kinds, strict=True))
        self.marks = tuple(word for word, kind in kinds if kind in (_CONTROL, _USER_DEFINED))
        self._control = frozenset(number for number, (_, kind) in enumerate(kinds) if kind == _CONTROL)
        self._literal = _byte_pairs(words)
        self._marked = _byte_pairs(words)
        self._marked.add_special_tokens([AddedToken(mark, special=True, normalized=False) for mark in self.marks])
        self.end = words.end

    def encode(self, text: str) -> list[int]:
        """Text as it was typed: a control word in it is spelled out, and ends no turn."""
        return list(self._literal.encode(text, add_special_tokens=False).ids)

    def encode_marked(self, text: str) -> list[int]:
        """Text that a template wrote: control words become control tokens."""
        return list(self._marked.encode(text, add_special_tokens=False).ids)

    def decode(self, tokens: list[int]) -> str:
        """Control tokens are left out. A character that is cut in two ends in U+FFFD."""
        return str(self._marked.decode([token for token in tokens if token not in self._control], skip_special_tokens=True))


def _byte_pairs(words: Words) -> Tokenizer:
    pattern, digits = _SPLITS[words.pre]
    merges = [(left, right) for left, _, right in (merge.partition(" ") for merge in words.merges)]
    tokenizer = Tokenizer(models.BPE(vocab={word: number for number, word in enumerate(words.words)}, merges=merges))
    cuts: list[pre_tokenizers.PreTokenizer] = [pre_tokenizers.Digits(individual_digits=True)] if digits else []
    cuts += [
        pre_tokenizers.Split(Regex(pattern), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(cuts)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer
