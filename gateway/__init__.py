"""A privacy gateway: an OpenAI-compatible proxy in front of a company's own models."""

import os

__version__ = "0.1.0"

# onnxruntime (since 1.29) reports every session to Microsoft, unless this is set before it is imported: its Privacy.md.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
