from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.policy.language.deployments import Deployment
from gateway.upstream.servers import SERVERS, Preset

URL = "http://gpu-1:8000/v1"
SEALED = {"protocol": "fhe", "base_url": "fhes://sealed:8790", "client_file": "client.gguf"}
CLAUDE = {"protocol": "litellm", "provider": "anthropic", "model": "claude", "api_key": {"env": "KEY"}}


def test_a_backend_of_ones_own_stays_on_the_premises() -> None:
    assert not Deployment(base_url=URL).leaves_the_premises
    assert Deployment(base_url=URL, external=True).leaves_the_premises


def test_a_provider_is_off_the_premises_unless_its_address_is_private() -> None:
    assert Deployment.model_validate(CLAUDE).leaves_the_premises
    assert Deployment.model_validate({**CLAUDE, "base_url": "http://10.0.0.7"}).leaves_the_premises
    assert not Deployment.model_validate({**CLAUDE, "base_url": "http://10.0.0.7", "external": False}).leaves_the_premises


def test_an_encrypted_endpoint_takes_its_time() -> None:
    assert Deployment.model_validate(SEALED).patience.total_s == 3600
    assert Deployment.model_validate({**SEALED, "timeouts": {"total_s": 60.0}}).patience.total_s == 60
    assert Deployment(base_url=URL).patience.total_s == 600
    assert Deployment.model_validate({**SEALED, "external": True}).leaves_the_premises
    assert not Deployment.model_validate(SEALED).leaves_the_premises


def test_a_provider_has_an_address() -> None:
    assert Deployment.model_validate(CLAUDE).address == "https://api.anthropic.com"
    assert Deployment.model_validate({**CLAUDE, "base_url": "http://10.0.0.7"}).address == "http://10.0.0.7"


@pytest.mark.parametrize("server", Preset)
def test_prompts_are_kept_apart_by_servers_that_can(server: Preset) -> None:
    written = {"base_url": URL, "server": server.value}
    assert Deployment.model_validate(written).prefix_cache == "tenant"
    if SERVERS[server].salts_prefixes:
        assert Deployment.model_validate({**written, "prefix_cache": "shared"}).prefix_cache == "shared"
    else:
        with pytest.raises(ValidationError, match="keep tenants' prompts apart"):
            Deployment.model_validate({**written, "prefix_cache": "shared"})


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({}, "needs the address"),
        ({"base_url": URL, "provider": "anthropic"}, "for another protocol"),
        ({**CLAUDE, "provider": None}, "whose model it is"),
        ({**CLAUDE, "model": None}, "whose model it is"),
        ({**CLAUDE, "api_key": None}, "wants a key"),
        ({**CLAUDE, "provider": "bedrock"}, "depends on the region"),
        ({**CLAUDE, "external": False}, "off the premises"),
        ({**CLAUDE, "server": "vllm"}, "are for protocol: openai"),
        ({**CLAUDE, "health_path": "/health"}, "are for protocol: openai"),
        ({"base_url": URL, "tls": {"key_file": "k.pem"}}, "without its certificate"),
        ({"base_url": URL, "digest": "sha256:abc"}, "pattern"),
        ({"base_url": URL, "health_path": "http://elsewhere/"}, "pattern"),
        ({"base_url": URL, "server": "gpt"}, "Input should be"),
        ({"base_url": URL, "connections": 0}, "out of range"),
        ({"base_url": URL, "prefix_cache": "tenant"}, "keep tenants' prompts apart"),
        ({"base_url": URL, "server": "tgi", "prefix_cache": "shared"}, "keep tenants' prompts apart"),
        ({**CLAUDE, "prefix_cache": "shared"}, "keep tenants' prompts apart"),
        ({**SEALED, "prefix_cache": "shared"}, "keep tenants' prompts apart"),
        ({**SEALED, "base_url": None}, "needs its address"),
        ({**SEALED, "base_url": URL}, "needs its address"),
        ({**SEALED, "base_url": "fhes://sealed:8790/v1"}, "needs its address"),
        ({**SEALED, "client_file": None}, "client's part of the model is missing"),
        ({**SEALED, "base_url": "fhe://sealed", "tls": {"ca_file": "ca.pem"}}, "with TLS"),
        ({**SEALED, "provider": "gemini"}, "for another protocol"),
        ({**SEALED, "server": "vllm"}, "are for protocol: openai"),
        ({**SEALED, "most_tokens": 0}, "greater than or equal"),
        ({"base_url": URL, "client_file": "client.gguf"}, "for an encrypted endpoint"),
        ({"base_url": URL, "most_tokens": 5}, "for an encrypted endpoint"),
        ({"base_url": URL, "sidecars": True}, "takes what nobody can read"),
        ({"base_url": "fhe://sealed"}, "address of an encrypted endpoint"),
        ({**CLAUDE, "base_url": "fhes://sealed"}, "address of an encrypted endpoint"),
    ],
)
def test_what_makes_no_sense(written: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Deployment.model_validate(written)
