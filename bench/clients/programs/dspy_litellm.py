# mypy: ignore-errors
import os

os.environ.update(LITELLM_LOCAL_MODEL_COST_MAP="True", DSPY_CACHEDIR=os.environ["PROOF_FOLDER"])
import dspy
import litellm
from told import ALICE, BASE, BLOCKED, EN, KEY, MAIL, TOO_LONG, ZH, ZHANG, case, client, refused

TOOL = {
    "type": "function",
    "function": {
        "name": "send_mail",
        "parameters": {"type": "object", "properties": {"to": {"type": "string"}, "mail": {"type": "string"}}},
    },
}


def chat(text, **options):
    where = {"api_base": BASE, "api_key": KEY, "max_retries": 0}
    return litellm.completion(model=f"{prefix}/model", messages=[{"role": "user", "content": text}], **where, **options)


def streamed(**options):
    return litellm.stream_chunk_builder(list(chat(EN + ZH, stream=True, **options))).choices[0].message


client("litellm", "dspy", "openai")
for prefix in ("openai", "hosted_vllm"):
    case(f"{prefix}: completion", lambda: chat(EN + ZH).choices[0].message.content, EN, ZH)
    case(f"{prefix}: streamed", lambda: streamed().content, EN, ZH)
    case(f"{prefix}: tools, streamed", lambda: streamed(tools=[TOOL]).tool_calls, ALICE, MAIL)
    refused(f"{prefix}: too long", lambda: chat(TOO_LONG), litellm.BadRequestError)
    refused(f"{prefix}: blocked", lambda: chat(BLOCKED), litellm.PermissionDeniedError, litellm.APIError)
dspy.configure(lm=dspy.LM("openai/model", api_base=BASE, api_key=KEY, cache=False, num_retries=0))
case("dspy: Predict", lambda: dspy.Predict("question -> answer")(question=EN).answer, ALICE, MAIL)
case("dspy: ChainOfThought", lambda: dspy.ChainOfThought("question -> answer")(question=ZH).answer, ZHANG)
