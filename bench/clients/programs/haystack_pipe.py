# mypy: ignore-errors
import openai
from haystack.components.agents import Agent
from haystack.components.embedders import OpenAITextEmbedder
from haystack.components.generators.chat import OpenAIChatGenerator, OpenAIResponsesChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.tools import create_tool_from_function
from told import BASE, BLOCKED, EN, MODEL, SENT, ZH, case, client, refused, send_mail


def ask(generator, text):
    return generator.run([ChatMessage.from_user(text)])["replies"][0].text


def streamed(kind):
    pieces = []
    ask(kind(model=MODEL, api_base_url=BASE, streaming_callback=lambda piece: pieces.append(piece.content)), EN + ZH)
    return "".join(pieces)


def agent(generator):
    running = Agent(chat_generator=generator, tools=[create_tool_from_function(send_mail)])
    return running.run([ChatMessage.from_user(EN)])["last_message"].text


client("haystack-ai", "openai")
for kind in (OpenAIChatGenerator, OpenAIResponsesChatGenerator):
    name, generator = kind.__name__, kind(model=MODEL, api_base_url=BASE, max_retries=0)
    case(f"{name}: run", lambda g=generator: ask(g, EN + ZH), EN, ZH)
    case(f"{name}: streamed", lambda k=kind: streamed(k), EN, ZH)
    case(f"{name}: agent", lambda g=generator: agent(g), SENT)
    refused(f"{name}: blocked", lambda g=generator: ask(g, BLOCKED), openai.PermissionDeniedError)
case("embedder", lambda: len(OpenAITextEmbedder(model=MODEL, api_base_url=BASE).run(EN)["embedding"]), "4")
