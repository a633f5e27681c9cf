"""The words of the OpenAI protocol: field names and enumerated values, which are nobody's personal data.

A slot is left unread only when its whole value is one of these words, wherever it stands. The lists cost nothing in safety (a
word here is never personal) and save a recognizer call for each; a word that is missing here is merely scanned.
Source: the OpenAI API reference for chat completions, completions, embeddings and responses, and JSON Schema 2020-12.
"""

from __future__ import annotations

CONVERSATION = frozenset({"messages", "input", "prompt", "instructions", "suffix"})
"""Top-level fields that hold what is said. They are numbered first, so that placeholders stay stable over turns."""

NUMERIC_FIELDS = frozenset(
    {"max_tokens", "max_completion_tokens", "max_output_tokens", "dimensions", "top_k", "n", "best_of", "created"}
)
"""Top-level request fields whose numbers are settings, up to `LARGEST_SETTING`."""

LARGEST_SETTING = 10**7
"""No setting, and no token id, is as large; what is could be a telephone number."""

TOKEN_SETTINGS = frozenset({"stop_token_ids", "allowed_token_ids", "bad_token_ids", "logprob_token_ids"})
"""Lists of token ids that steer an answer and say nothing."""

SCHEMA_FIELDS = frozenset({"tools", "functions", "response_format", "text", "guided_json", "structured_outputs"})
"""Top-level fields that hold JSON Schemas."""

SCHEMA_BOUNDS = frozenset(
    """
    minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems maxItems minProperties
    maxProperties minContains maxContains
    """.split()
)
SCHEMA_SAMPLES = frozenset({"default", "const", "enum", "examples", "example"})
"""JSON Schema's keywords for limits, and those under which values stand."""

PROTOCOL_KEYS = frozenset(
    """
    messages role content name tool_calls tool_call_id function arguments refusal audio id type text image_url input_audio file
    url detail data format file_id file_data filename model prompt suffix input instructions echo best_of n stream
    stream_options include_usage include_obfuscation stop temperature top_p top_k min_p typical_p max_tokens
    max_completion_tokens max_output_tokens presence_penalty frequency_penalty repetition_penalty repeat_penalty logit_bias
    logprobs top_logprobs seed user metadata store tools tool_choice parallel_tool_calls functions function_call
    response_format json_schema schema strict description parameters properties required items enum additionalProperties
    anyOf oneOf allOf not const default title minimum maximum minLength maxLength minItems maxItems pattern examples $ref
    $defs definitions nullable service_tier reasoning_effort reasoning effort summary verbosity modalities voice prediction
    web_search_options safety_identifier prompt_cache_key prompt_cache_retention previous_response_id conversation background
    include truncation max_tool_calls encoding_format dimensions output status call_id annotations summary_text
    reasoning_content thinking chat_template_kwargs guided_json guided_regex guided_choice extra_body custom grammar syntax
    definition allowed_tools mode container container_id file_ids vector_store_id vector_store_ids skill_id tunnel_id
    input_image_mask
    """.split()
)

PROTOCOL_WORDS = frozenset(
    """
    system developer user assistant tool function text image_url input_audio file input_text input_image input_file
    output_text summary_text reasoning_text refusal message function_call function_call_output reasoning item_reference
    custom custom_tool_call json_object json_schema auto none required any default flex priority scale standard low medium
    high minimal xhigh concise detailed float base64 object string number integer boolean array null in_progress completed
    incomplete stop length tool_calls content_filter in-memory 24h disabled enabled allowed_tools grammar regex lark content
    reasoning.encrypted_content message.output_text.logprobs default-2024-11-15 gpt-image-2-2026-04-21
    gpt-image-2.5-sunburst-2026-09-08 gpt-image-2.5-flare-2026-09-08 omni-moderation-2024-09-26
    """.split()
)
"""The last ones are what a search ranks by and models beside the one that answers: a day is part of their names."""

VOICE = ("audio", "voice")
VOICES = frozenset("alloy ash ballad cedar coral echo marin sage shimmer verse".split())
"""OpenAI's names of voices. Elsewhere some of them are people's names, so they are left unread at this one place alone."""
