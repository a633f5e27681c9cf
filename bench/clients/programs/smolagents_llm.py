# mypy: ignore-errors
import json
import os
import subprocess
import sys
from pathlib import Path

from smolagents import AgentError, CodeAgent, OpenAIModel, ToolCallingAgent, tool
from told import ALICE, BASE, BLOCKED, EN, KEY, MAIL, MODEL, SENT, ZH, case, client, refused, send_mail


def llm(*words):
    done = subprocess.run([binary, "-m", "gateway", *words], capture_output=True, text=True, check=False, env=environ)
    return done.stdout + done.stderr


def code():
    return CodeAgent(tools=[], model=model, verbosity_level=0, max_steps=2).run(EN)


client("smolagents", "llm", "openai")
model = OpenAIModel(model_id=MODEL, api_base=BASE, api_key=KEY)
calling = ToolCallingAgent(tools=[tool(send_mail)], model=model, verbosity_level=0, max_steps=3)
case("smolagents: ToolCallingAgent", lambda: calling.run(EN), SENT)
case("smolagents: CodeAgent", code, ALICE, MAIL)
refused("smolagents: blocked", lambda: calling.run(BLOCKED), AgentError)

folder, binary = Path(os.environ["PROOF_FOLDER"]), str(Path(sys.executable).with_name("llm"))
environ = {**os.environ, "LLM_USER_PATH": str(folder)}
described = f"- {{model_id: gateway, model_name: model, api_base: '{BASE}', api_key_name: gateway, supports_schema: true}}\n"
(folder / "extra-openai-models.yaml").write_text(described)
(folder / "keys.json").write_text(json.dumps({"gateway": KEY}))
case("llm: streamed", lambda: llm(EN + ZH), EN, ZH)
case("llm: plain", lambda: llm("--no-stream", "-s", ALICE, EN), EN)
case("llm: continued", lambda: llm("-c", ZH), ZH)
case("llm: schema", lambda: llm("--schema", "name,mail", EN), ALICE, MAIL)
case("llm: blocked", lambda: llm(BLOCKED), "Policy blocks")
