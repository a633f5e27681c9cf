# mypy: ignore-errors
import openai
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel
from told import ALICE, BASE, BLOCKED, EN, KEY, MAIL, MODEL, SENT, ZH, ZHANG, case, client, refused, send_mail


class Contact(BaseModel):
    name: str
    mail: str


async def agent():
    return await FunctionAgent(tools=[send_mail], llm=model).run(EN)


def asked():
    index = VectorStoreIndex.from_documents(
        [Document(text=f"{ALICE} lives at the lake. {ZHANG}住在湖边。")], embed_model=vectors
    )
    return index.as_query_engine(llm=model).query("Who lives there?")


client("llama-index-core", "llama-index-llms-openai-like", "llama-index-embeddings-openai-like", "openai")
where = {"api_base": BASE, "api_key": KEY}
model = OpenAILike(model=MODEL, is_chat_model=True, is_function_calling_model=True, max_retries=0, context_window=4096, **where)
vectors = OpenAILikeEmbedding(model_name=MODEL, **where)
said = [ChatMessage(role="user", content=EN + ZH)]
case("chat", lambda: model.chat(said).message.content, EN, ZH)
case("chat, streamed", lambda: "".join(piece.delta or "" for piece in model.stream_chat(said)), EN, ZH)
case("structured", lambda: model.as_structured_llm(Contact).complete(EN).raw, ALICE, MAIL)
case("agent", agent, SENT)
case("index and query", asked, ALICE, ZHANG)
refused("blocked", lambda: model.complete(BLOCKED), openai.PermissionDeniedError)
