# mypy: ignore-errors
import openai
from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import BaseModel
from told import ALICE, BLOCKED, EN, MAIL, MODEL, SENT, ZH, case, client, refused, send_mail


class Contact(BaseModel):
    """Somebody to write to."""

    name: str
    mail: str


async def agent(model, *texts):
    running = create_agent(model, [tool(send_mail)], checkpointer=InMemorySaver())
    thread = {"configurable": {"thread_id": "1"}}
    said = [await running.ainvoke({"messages": [{"role": "user", "content": text}]}, thread) for text in texts]
    return [message.text for message in said[-1]["messages"]]


client("langchain", "langchain-openai", "langgraph", "openai")
for responses in (False, True):
    kind = "responses" if responses else "chat"
    model = ChatOpenAI(model=MODEL, max_retries=0, use_responses_api=responses)
    case(f"{kind}: invoke", lambda m=model: m.invoke(EN + ZH).text, EN, ZH)
    case(f"{kind}: stream", lambda m=model: "".join(chunk.text for chunk in m.stream(EN + ZH)), EN, ZH)
    case(f"{kind}: batch", lambda m=model: [answer.text for answer in m.batch([EN, ZH])], EN, ZH)
    for method in ("json_schema", "function_calling"):
        able = model.with_structured_output(Contact, method=method)
        case(f"{kind}: {method}", lambda a=able: a.invoke(EN), ALICE, MAIL)
    case(f"{kind}: agent, two turns", lambda m=model: agent(m, EN, EN), SENT)
    refused(f"{kind}: blocked", lambda m=model: m.invoke(BLOCKED), openai.PermissionDeniedError)
vectors = OpenAIEmbeddings(model=MODEL, check_embedding_ctx_length=False)
case("embeddings of text", lambda: len(vectors.embed_documents([EN, ZH])), "2")
