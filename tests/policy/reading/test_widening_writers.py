"""An inner level cannot let more callers keep documents, and a rule nobody at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.policy.reading.load import load_policy
from gateway.policy.reading.problems import PolicyError

POLICY = """\
version: 1
deployments: {{gpu: {{base_url: "http://127.0.0.1:9/v1"}}}}
models: {{m: {{deployments: [gpu]}}}}
tenants:
  acme:
    models: [m]
    knowledge: {{write: {outer}}}
    principals:
      app: {{knowledge: {{write: {inner}}}}}
    rules: {rules}
"""


def read(folder: Path, outer: str, inner: str, rules: str = "{}") -> None:
    path = folder / "policy.yaml"
    path.write_text(POLICY.format(outer=outer, inner=inner, rules=rules))
    load_policy(path, known_entities=frozenset({"PERSON"}), surrogate_entities=frozenset())


@pytest.mark.parametrize(("outer", "inner"), [('["*"]', "[editor]"), ("[editor, clerk]", "[editor]"), ("[editor]", "[]")])
def test_what_narrows(tmp_path: Path, outer: str, inner: str) -> None:
    read(tmp_path, outer, inner)
    with pytest.raises(PolicyError, match="lets more callers keep documents"):
        read(tmp_path, inner, outer)


def test_not_in_rules(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot say who keeps documents"):
        read(tmp_path, "[editor]", "[editor]", '{r: {when: "true", demand: {knowledge: {write: [editor]}}}}')
