# mypy: ignore-errors
import openai
from agents import (
    Agent,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    SQLiteSession,
    function_tool,
    set_tracing_disabled,
)
from pydantic import BaseModel
from told import ALICE, BLOCKED, EN, MAIL, MODEL, SENT, ZH, case, client, refused, send_mail


class Contact(BaseModel):
    name: str
    mail: str


async def run(agent, text):
    return (await Runner.run(agent, text)).final_output


async def streamed(agent, text):
    running = Runner.run_streamed(agent, text)
    async for _ in running.stream_events():
        pass
    return running.final_output


async def two_turns(agent):
    session = SQLiteSession("one")
    await Runner.run(agent, EN, session=session)
    return (await Runner.run(agent, ZH, session=session)).final_output


client("openai-agents", "openai")
set_tracing_disabled(True)
api = openai.AsyncOpenAI(max_retries=0)
for model in (OpenAIResponsesModel(MODEL, api), OpenAIChatCompletionsModel(MODEL, api)):
    kind = type(model).__name__
    plain = Agent("a", instructions=f"You serve {ALICE}.", model=model)
    able = Agent("a", tools=[function_tool(send_mail)], model=model)
    case(f"{kind}: run", lambda agent=plain: run(agent, EN + ZH), EN, ZH)
    case(f"{kind}: tool loop", lambda agent=able: run(agent, EN), SENT)
    case(f"{kind}: tool loop, streamed", lambda agent=able: streamed(agent, EN), SENT)
    case(f"{kind}: output type", lambda m=model: run(Agent("a", model=m, output_type=Contact), EN), ALICE, MAIL)
    case(f"{kind}: session", lambda agent=plain: two_turns(agent), ZH)
    refused(f"{kind}: blocked", lambda agent=plain: run(agent, BLOCKED), openai.PermissionDeniedError)
