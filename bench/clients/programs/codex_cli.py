# mypy: ignore-errors
import json
import os
import subprocess
from pathlib import Path

from told import BASE, BLOCKED, EN, MODEL, TOO_LONG, ZH, case, client

SETTINGS = f"""\
model = "{MODEL}"
model_provider = "gateway"
[model_providers.gateway]
name = "gateway"
base_url = "{BASE}"
env_key = "OPENAI_API_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
"""


def codex(text):
    command = [str(modules / ".bin/codex"), "exec", "--skip-git-repo-check", "-s", "read-only", text]
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    return done.stdout + done.stderr.partition("\ncodex\n")[2] + done.stderr[-600:]


client()
modules, folder = Path(os.environ["PROOF_MODULES"]), Path(os.environ["PROOF_FOLDER"])
environ = {**os.environ, "CODEX_HOME": str(folder)}
(folder / "config.toml").write_text(SETTINGS)
version = json.loads((modules / "@openai/codex/package.json").read_text())["version"]
case(
    f"version {version}: a command is called, and its result read",
    lambda: codex(f"echo '{EN + ZH}'"),
    "Done: Chunk",
    EN,
    ZH,
)
case("blocked", lambda: codex(BLOCKED), "Policy blocks")
case("too long", lambda: codex(TOO_LONG), "context window")
