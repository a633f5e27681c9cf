"""A prompt that is too long has OpenAI's code, whatever the server says."""

from __future__ import annotations

import orjson
import pytest

from gateway.protocol.wire import JsonObject
from gateway.upstream.answer import read_answer, read_refusal
from gateway.upstream.overlong import with_code

OLD = "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens in the messages."
CODE = "context_length_exceeded"

SAID = [
    pytest.param(OLD, id="OpenAI, older vLLM"),
    pytest.param("You passed 9000 input tokens. However, the model's context length is only 4096 tokens.", id="vLLM"),
    pytest.param("The decoder prompt (length 9000) is longer than the maximum model length of 4096.", id="vLLM, the engine"),
    pytest.param("The input (9000 tokens) is longer than the model's context length (4096 tokens).", id="SGLang"),
    pytest.param("Requested token count exceeds the model's maximum context length of 4096 tokens.", id="SGLang, in all"),
    pytest.param("request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it", id="llama.cpp"),
    pytest.param("Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9000", id="TGI, in all"),
    pytest.param("Input validation error: `inputs` must have less than 4096 tokens. Given: 9000", id="TGI"),
]

OTHERS = [
    "'max_tokens' is too large: 9000. This model's maximum context length is 4096 tokens and your request has 20 input tokens.",
    "Input validation error: `max_new_tokens` must be <= 4096. Given: 9000",
    "The temperature must be a number.",
    f"[{{'type': 'missing', 'loc': ('body', 'tools', 0, 'type'), 'input': {{'role': 'user', 'content': \"{OLD}\"}}}}]",
    f'Unknown role in the message "{OLD}"',
    f"The temperature must be a number. {'The conversation was: ' * 20}{OLD}",
    "",
]


@pytest.mark.parametrize("message", SAID)
def test_the_code_that_clients_shorten_a_conversation_at(message: str) -> None:
    error = {"message": message, "type": "BadRequestError", "param": "input_tokens", "code": 400}
    assert read_answer(400, orjson.dumps({"error": error})) == {"error": {**error, "code": CODE}}


@pytest.mark.parametrize("message", SAID)
def test_in_another_shape(message: str) -> None:
    for shape in ({"error": message, "error_type": "validation"}, {"object": "error", "message": message, "code": 400}):
        said = read_answer(422, orjson.dumps(shape))["error"]
        assert (said["message"], said["code"]) == (message, CODE)
        assert read_refusal(orjson.dumps(shape))["error"]["code"] == CODE


def test_llama_cpps_type_says_it_alone() -> None:
    error: JsonObject = {"message": "no", "type": "exceed_context_size_error", "code": 400, "n_ctx": 4096}
    assert with_code(error) == {**error, "code": CODE}


@pytest.mark.parametrize("message", OTHERS)
@pytest.mark.parametrize("code", [400, None])
def test_other_refusals_stay_as_they_are(message: str, code: int | None) -> None:
    error: JsonObject = {"message": message, "type": "BadRequestError", "param": None, "code": code}
    assert with_code(error) is error


@pytest.mark.parametrize("error", [{"message": OLD, "code": "string_above_max_length"}, {"message": ["x"]}, {}])
def test_a_code_that_says_why_stays(error: JsonObject) -> None:
    assert with_code(error) is error
