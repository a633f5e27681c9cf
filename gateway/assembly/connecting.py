"""How a deployment is reached: the adapter for what it speaks."""

from __future__ import annotations

from gateway.fhe.deployed import DEFAULT_ANSWER_TOKENS, Deployed, Generators, Sealed
from gateway.policy.compile import CompiledDeployment, CompiledPolicy
from gateway.upstream.base import Deployment, Timeouts, Tls, Upstream
from gateway.upstream.litellm.adapter import LiteLlm
from gateway.upstream.litellm.library import litellm
from gateway.upstream.litellm.providers import Provider
from gateway.upstream.openai_http import OpenAiHttp
from gateway.upstream.servers import Preset


class Connecting:
    """Gives each deployment its adapter. Encrypted ones with the same client file share what is read of it."""

    def __init__(self) -> None:
        self._generators = Generators()

    def adapter(self, written: CompiledDeployment) -> Upstream:
        timeouts = Timeouts(**written.timeouts.model_dump())
        tls = None if written.tls is None else Tls(**written.tls.model_dump())
        if written.client_file is not None:
            sealed = Sealed(
                url=written.base_url,
                client_file=written.client_file,
                secret=written.api_key,
                tls=tls,
                timeouts=timeouts,
                most_tokens=written.most_tokens or DEFAULT_ANSWER_TOKENS,
            )
            return Deployed(sealed, self._generators)
        deployment = Deployment(
            id=written.id,
            base_url=written.base_url,
            model=written.model,
            api_key=written.api_key,
            timeouts=timeouts,
            server=Preset(written.server),
            health_path=written.health_path,
            shares_prefixes=written.prefix_cache == "shared",
            tls=tls,
            connections=written.connections + 1,  # one for probes, or who is busy would look ill
        )
        if written.provider is not None:
            return LiteLlm(deployment, Provider(written.provider))
        return OpenAiHttp(deployment)


def load_translators(policy: CompiledPolicy) -> None:
    """Before anything is served: loading litellm takes seconds of a processor."""
    if any(place.provider is not None for place in policy.places):
        litellm()
