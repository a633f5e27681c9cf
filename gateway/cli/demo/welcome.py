"""What `gateway demo` prints: commands that work as they stand."""

from __future__ import annotations

import json
import shlex
import sys

from gateway.cli.serve.server import url_of
from gateway.settings import Settings

_ASK = "Write one friendly sentence to Alice Johnson (alice.johnson@example.org)."
_ASK_ZH = "请写一句话感谢张伟，他的手机是13812345678。"


def welcome(settings: Settings, *, key: str, person: str, model: str) -> str:
    """Base URL, keys, a curl line, a Python snippet, and where to look at what happened."""
    at = url_of(settings.host, settings.port)
    base_url = f"{at}/v1"
    body = json.dumps({"model": model, "stream": True, "max_tokens": 60, "messages": [{"role": "user", "content": _ASK}]})
    return _TEXT.format(
        base_url=base_url,
        key=key,
        explorer=f"{at}/explorer",
        person=person,
        model=model,
        body=shlex.quote(body),
        python=sys.executable,
        question=_ASK_ZH,
        state=settings.state_dir,
    )


_TEXT = """
  base URL  {base_url}
  API key   {key}   (valid for a day)
  model     {model}

Try it with curl:

curl -N {base_url}/chat/completions -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d {body}

Or with the OpenAI SDK:

{python} - <<'EOF'
from openai import OpenAI

client = OpenAI(base_url="{base_url}", api_key="{key}")
reply = client.chat.completions.create(
    model="{model}", max_tokens=60, messages=[{{"role": "user", "content": "{question}"}}]
)
print(reply.choices[0].message.content)
EOF

What was found, and what was done to it, is in the record. Look at it in a browser, as its privacy officer:

  explorer  {explorer}
  log in    {person}   (valid for a day)

or from here:

{python} -m gateway audit list --state-dir {state}

Ctrl-C stops everything.
"""
