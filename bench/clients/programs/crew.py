# mypy: ignore-errors
import os

os.environ.update(HOME=os.environ["PROOF_FOLDER"], CREWAI_DISABLE_TELEMETRY="true", CREWAI_TRACING_ENABLED="false")
import openai
from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool
from pydantic import BaseModel
from told import ALICE, BASE, BLOCKED, EN, KEY, MAIL, MODEL, ZH, case, client, refused, send_mail


class Contact(BaseModel):
    name: str
    mail: str


def model(**options):
    return LLM(model=MODEL, provider="openai", base_url=BASE, api_key=KEY, **options)


def crew(tools=(), **task):
    clerk = Agent(role="Clerk", goal=f"serve {ALICE}", backstory=ZH, llm=model(), tools=list(tools), max_iter=3)
    return Crew(agents=[clerk], tasks=[Task(description=EN, expected_output="a text", agent=clerk, **task)]).kickoff()


client("crewai", "openai")
case("call", lambda: model().call(EN + ZH), EN, ZH)
case("call, streamed", lambda: model(stream=True).call(EN + ZH), EN, ZH)
case("crew with a tool", lambda: crew([tool("send_mail")(send_mail)]), ALICE, MAIL)
case("crew, structured", lambda: crew(output_pydantic=Contact), ALICE)
refused("blocked", lambda: model().call(BLOCKED), openai.PermissionDeniedError)
