# mypy: ignore-errors
import openai
from pydantic import BaseModel
from told import ALICE, BLOCKED, EN, MAIL, MODEL, TOO_LONG, ZH, ZHANG, case, client, refused


class Contact(BaseModel):
    name: str
    mail: str


def chat(text, **options):
    return api.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": text}], **options)


def streamed_parse():
    messages = [{"role": "user", "content": EN}]
    with api.chat.completions.stream(model=MODEL, messages=messages, response_format=Contact) as stream:
        return stream.get_final_completion().choices[0].message.parsed


def streamed_response():
    with api.responses.stream(model=MODEL, input=EN + ZH) as stream:
        return "".join(event.delta for event in stream if event.type == "response.output_text.delta")


def loop():
    tools = [openai.pydantic_function_tool(Contact)["function"] | {"type": "function"}]
    said = [{"role": "user", "content": EN}]
    first = api.responses.create(model=MODEL, input=said, tools=tools)
    call = first.output[-1]
    said += [*first.output, {"type": "function_call_output", "call_id": call.call_id, "output": f"{ZHANG}: {call.arguments}"}]
    return api.responses.create(model=MODEL, input=said).output_text


def documents():
    store = api.vector_stores.create(name="Leases")
    file = ("lease.txt", f"The lease of {ALICE} ends in May. The rent is due monthly.".encode())
    api.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=file)
    return api.vector_stores.search(store.id, query="When does the lease end?").data[0].content[0].text


client("openai")
api = openai.OpenAI(max_retries=0)
case("chat", lambda: chat(EN + ZH).choices[0].message.content, EN, ZH)
case("chat, streamed", lambda: "".join(c.choices[0].delta.content or "" for c in chat(EN + ZH, stream=True)), EN, ZH)
case("parsed, streamed", streamed_parse, ALICE, MAIL)
case("response, parsed", lambda: api.responses.parse(model=MODEL, input=EN, text_format=Contact).output_parsed, ALICE, MAIL)
case("response, streamed", streamed_response, EN, ZH)
case("tool loop", loop, ZHANG, ALICE, MAIL)
case("embeddings", lambda: len(api.embeddings.create(model=MODEL, input=[EN, ZH]).data), "2")
case("documents", documents, "lease")
refused("blocked", lambda: chat(BLOCKED), openai.PermissionDeniedError)
refused("unknown key", lambda: api.with_options(api_key="pgw_none").models.list(), openai.AuthenticationError)
refused("too long", lambda: chat(TOO_LONG), openai.BadRequestError)
refused("backend down", lambda: api.responses.create(model="down", input="hi"), openai.InternalServerError)
