# mypy: ignore-errors
import instructor
import openai
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, Tool
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from told import ALICE, BLOCKED, EN, MAIL, MODEL, SENT, ZH, case, client, refused, send_mail


class Contact(BaseModel):
    name: str
    mail: str


async def streamed(model):
    async with Agent(model).run_stream(EN + ZH) as running:
        return "".join([piece async for piece in running.stream_text(delta=True)])


def two_turns(model):
    agent = Agent(model, tools=[Tool(send_mail)])
    first = agent.run_sync(EN)
    return first.output, agent.run_sync(EN, message_history=first.all_messages()).output


def instructed(mode):
    made = instructor.from_openai(openai.OpenAI(max_retries=0), mode=mode)
    messages = [{"role": "user", "content": EN}]
    return made.create(model=MODEL, response_model=Contact, messages=messages, max_retries=1)


client("pydantic-ai-slim", "instructor", "openai")
for kind in (OpenAIChatModel, OpenAIResponsesModel):
    name, model = kind.__name__, kind(MODEL)
    case(f"{name}: run", lambda m=model: Agent(m).run_sync(EN + ZH).output, EN, ZH)
    case(f"{name}: streamed", lambda m=model: streamed(m), EN, ZH)
    case(f"{name}: output by tool", lambda m=model: Agent(m, output_type=Contact).run_sync(EN).output, ALICE, MAIL)
    case(f"{name}: output by schema", lambda m=model: Agent(m, output_type=NativeOutput(Contact)).run_sync(EN).output, MAIL)
    case(f"{name}: tools, two turns", lambda m=model: two_turns(m), SENT)
    refused(f"{name}: blocked", lambda m=model: Agent(m).run_sync(BLOCKED), ModelHTTPError)
for mode in (instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA, instructor.Mode.RESPONSES_TOOLS):
    case(f"instructor: {mode.name}", lambda m=mode: instructed(m), ALICE, MAIL)
