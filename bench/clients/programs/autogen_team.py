# mypy: ignore-errors
import openai
from autogen_agentchat.agents import AssistantAgent
from autogen_core.models import UserMessage
from autogen_ext.models.openai import OpenAIChatCompletionClient
from pydantic import BaseModel
from told import ALICE, BLOCKED, EN, MAIL, MODEL, SENT, ZH, case, client, refused, send_mail


class Contact(BaseModel):
    name: str
    mail: str


async def streamed():
    pieces = model.create_stream([UserMessage(content=EN + ZH, source="user")])
    return "".join([piece async for piece in pieces if isinstance(piece, str)])


async def run(text, **options):
    return (await AssistantAgent("a", model_client=model, **options).run(task=text)).messages[-1].content


client("autogen-agentchat", "autogen-ext", "openai")
able = {"vision": False, "function_calling": True, "json_output": True, "structured_output": True, "family": "unknown"}
model = OpenAIChatCompletionClient(model=MODEL, max_retries=0, model_info=able)
case("run", lambda: run(EN + ZH), EN, ZH)
case("streamed", streamed, EN, ZH)
case("tools", lambda: run(EN, tools=[send_mail], reflect_on_tool_use=True), SENT)
case("structured", lambda: run(EN, output_content_type=Contact), ALICE, MAIL)
refused("blocked", lambda: run(BLOCKED), openai.PermissionDeniedError)
