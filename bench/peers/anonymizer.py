"""Presidio's anonymizer as a server, after the app.py of its official image. Runs in the peers' environment, under gunicorn."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request  # type: ignore[import-not-found]
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.services.app_entities_convertor import AppEntitiesConvertor


def create_app() -> Any:
    """The WSGI application."""
    engine: Any = AnonymizerEngine()  # type: ignore[no-untyped-call]
    app = Flask(__name__)

    def anonymize() -> Any:
        asked = request.get_json()
        done = engine.anonymize(
            text=asked.get("text", ""),
            analyzer_results=AppEntitiesConvertor.analyzer_results_from_json(asked.get("analyzer_results")),
            operators=AppEntitiesConvertor.operators_config_from_json(asked.get("anonymizers")),
        )
        return Response(done.to_json(), mimetype="application/json")

    app.add_url_rule("/anonymize", view_func=anonymize, methods=["POST"])
    app.add_url_rule("/health", "health", lambda: "up")
    return app
