# mypy: ignore-errors
import os
import subprocess
import sys
from pathlib import Path

from told import ALICE, BASE, BLOCKED, EN, MAIL, case, client

FLAGS = "--no-git --yes-always --no-check-update --no-show-model-warnings --no-analytics --edit-format diff"


def aider(text):
    notes.write_text("\n")
    command = [
        str(Path(sys.executable).with_name("aider")),
        *FLAGS.split(),
        "--model",
        "openai/model",
        "--message",
        text,
        "notes.txt",
    ]
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    return notes.read_text() + done.stdout


client("aider-chat", "litellm")
folder = Path(os.environ["PROOF_FOLDER"])
notes = folder / "notes.txt"
environ = {**os.environ, "HOME": str(folder), "OPENAI_API_BASE": BASE, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
case("edit", lambda: aider(EN), f"{ALICE} and {MAIL}\n")
case("blocked", lambda: aider(BLOCKED), "Policy blocks")
