# mypy: ignore-errors
import openai
from ag2 import Agent, tool
from ag2.config import OpenAIConfig, OpenAIResponsesConfig
from told import BLOCKED, EN, MODEL, SENT, ZH, case, client, refused, send_mail


async def ask(config, text, **options):
    return (await Agent("a", config=config, **options).ask(text)).body


client("ag2", "openai")
for kind in (OpenAIConfig, OpenAIResponsesConfig):
    name, config = kind.__name__, kind(MODEL, max_retries=0)
    case(f"{name}: ask", lambda c=config: ask(c, EN + ZH), EN, ZH)
    case(f"{name}: streamed", lambda k=kind: ask(k(MODEL, streaming=True), EN + ZH), EN, ZH)
    case(f"{name}: tools", lambda c=config: ask(c, EN, tools=[tool(send_mail)]), SENT)
    refused(f"{name}: blocked", lambda c=config: ask(c, BLOCKED), openai.PermissionDeniedError)
