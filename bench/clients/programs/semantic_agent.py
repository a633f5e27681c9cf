# mypy: ignore-errors
from openai import AsyncOpenAI
from pydantic import BaseModel
from semantic_kernel.agents import ChatCompletionAgent
from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion, OpenAIChatPromptExecutionSettings
from semantic_kernel.contents import ChatHistory
from semantic_kernel.exceptions import ServiceResponseException
from semantic_kernel.functions import kernel_function
from told import ALICE, BLOCKED, EN, MAIL, MODEL, SENT, ZH, case, client, refused, send_mail


class Contact(BaseModel):
    name: str
    mail: str


async def ask(text, **options):
    history = ChatHistory()
    history.add_user_message(text)
    return await service.get_chat_message_content(history, OpenAIChatPromptExecutionSettings(**options))


async def streamed(agent):
    return "".join([str(piece) async for piece in agent.invoke_stream(EN)])


async def agent_says(agent):
    return await agent.get_response(EN)


client("semantic-kernel", "openai")
service = OpenAIChatCompletion(ai_model_id=MODEL, async_client=AsyncOpenAI(max_retries=0))


class Mail:
    send_mail = staticmethod(kernel_function(send_mail))


clerk = ChatCompletionAgent(service=service, plugins=[Mail()])
case("chat", lambda: ask(EN + ZH), EN, ZH)
case("structured", lambda: ask(EN, response_format=Contact), ALICE, MAIL)
case("agent", lambda: agent_says(clerk), SENT)
case("agent, streamed", lambda: streamed(clerk), SENT)
refused("blocked", lambda: ask(BLOCKED), ServiceResponseException)
