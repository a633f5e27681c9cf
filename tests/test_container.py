"""The container files, as far as a machine without Docker can judge them: no image has been built or started here.

The schema is that of the Compose specification, https://github.com/compose-spec/compose-spec (Apache-2.0).
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from redis import Redis
from redis.exceptions import NoPermissionError
from typer.testing import CliRunner

from bench.cluster.redis import redis
from gateway.caching.redis_store import RedisStore
from gateway.cli.fhe.commands import app as fhe
from gateway.limits.limiter import Costs
from gateway.limits.stores import on_redis
from gateway.obligations import Limit, LimitKind
from gateway.settings import Settings
from gateway.shared.place import RedisPlace

ROOT = Path(__file__).parent.parent
DOCKERFILES = ("Dockerfile", "deploy/fhe.Dockerfile")
OTHERS = {"10001:10001", "postgres", "redis"}
UNPRIVILEGED = {"nginxinc/nginx-unprivileged"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return read


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def test_it_is_what_the_specification_says(compose: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "tests" / "deploy" / "compose-spec.json").read_text(encoding="utf-8"))
    checker = jsonschema_rs.validator_for(schema)
    assert [error.message for error in checker.iter_errors(compose)] == []
    assert not checker.is_valid({**compose, "services": {"gateway-1": {"privilege": "none"}}})


def test_every_container_can_do_little(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        image = service["image"].partition(":")[0]
        assert service.get("user") in OTHERS or "build" in service or image in UNPRIVILEGED, f"{name} may run as root"
    for dockerfile in DOCKERFILES:
        assert re.search(r"^USER gateway$", (ROOT / dockerfile).read_text(encoding="utf-8"), re.MULTILINE), dockerfile


def test_only_the_balancer_is_reached_and_only_from_this_machine(services: dict[str, Any], compose: dict[str, Any]) -> None:
    assert compose["networks"]["inside"] == {"internal": True}
    assert {name for name, service in services.items() if "ports" in service} == {"balancer"}
    assert all(port.startswith("127.0.0.1:") for port in services["balancer"]["ports"])
    assert {name for name, service in services.items() if service["networks"] != ["inside"]} == {"balancer"}


def test_every_container_says_how_it_is(services: dict[str, dict[str, Any]]) -> None:
    """The image of the gateway says so itself; that of the collector cannot."""
    silent = {name for name, service in services.items() if "healthcheck" not in service}
    assert silent == {"gateway-1", "gateway-2", "collector"}
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_no_secret_stands_in_a_file_that_is_kept(compose: dict[str, Any], services: dict[str, dict[str, Any]]) -> None:
    used = {secret for service in services.values() for secret in service.get("secrets", [])}
    assert used == set(compose["secrets"])
    for name, secret in compose["secrets"].items():
        assert secret == {"file": f"./deploy/secrets/{name}"}
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    variables = [text for service in services.values() for text in service.get("environment", {}).values()]
    assert not any("@" in str(text) for text in variables), "a URL with a password"


def test_what_the_files_name_exists(services: dict[str, dict[str, Any]]) -> None:
    for service in services.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("./") and source != "./deploy/models":
                assert (ROOT / source).exists(), source
    hosts = re.findall(r"server ([a-z0-9-]+):8080 ", (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8"))
    assert set(hosts) == {"gateway-1", "gateway-2"} <= set(services)


@pytest.mark.parametrize("dockerfile", DOCKERFILES)
def test_what_the_image_copies_exists_and_is_let_in(dockerfile: str) -> None:
    copied = [
        source
        for line in re.findall(r"^COPY (.+)$", (ROOT / dockerfile).read_text(encoding="utf-8"), re.MULTILINE)
        for source in line.split()[:-1]
    ]
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")}
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert source in let_in


@pytest.mark.parametrize(
    ("lock", "more"), [("container.txt", set()), ("fhe.txt", {"seal-python", "numba", "gguf", "tokenizers"})]
)
def test_the_lock_of_the_image_has_what_it_needs_and_no_model(lock: str, more: set[str]) -> None:
    """In the versions that the tests ran with."""
    ours, tested = (_pins(ROOT / "locks" / name) for name in (lock, "test.txt"))
    assert {"psycopg", "hvac", "hatchling", "redis"} | more <= set(ours)
    assert not {"xllamacpp", "pytest"} & set(ours)
    assert {name: version for name, version in ours.items() if tested.get(name) != version} == {}


def test_the_encrypted_endpoint_is_started_only_on_demand(services: dict[str, dict[str, Any]]) -> None:
    """Its command is one that the command line knows; the gateways have the word that it wants."""
    sealed = services["sealed"]
    assert {name for name, service in services.items() if "profiles" in service} == {"sealed"}
    options = sealed["command"][2:]
    help_text = CliRunner().invoke(fhe, ["serve", "--help"], env={"COLUMNS": "200"}).output
    assert sealed["command"][:2] == ["fhe", "serve"]
    assert all(option in help_text for option in options if option.startswith("--"))
    assert options[options.index("--secret-file") + 1] == "/run/secrets/fhe_secret"
    assert all("fhe_secret" in services[name]["secrets"] for name in ("sealed", "gateway-1", "gateway-2"))


def test_the_drain_fits_into_the_grace_period(services: dict[str, dict[str, Any]]) -> None:
    grace = int(services["gateway-1"]["stop_grace_period"].removesuffix("s"))
    assert grace > Settings.model_fields["drain_timeout_s"].default + 10


def test_a_setting_may_be_a_file_among_the_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_REDIS_URL", raising=False)
    (tmp_path / "gateway_redis_url").write_text("redis://gateway:word@redis:6379/0\n")
    settings = Settings(_secrets_dir=tmp_path)  # type: ignore[call-arg]  # an option of the library, not a setting
    assert settings.redis_url is not None
    assert settings.redis_url.get_secret_value() == "redis://gateway:word@redis:6379/0"
    assert "word" not in repr(settings)


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """As `sh deploy/secrets.sh` makes them."""
    script = tmp_path / "deploy" / "secrets.sh"
    script.parent.mkdir()
    script.write_bytes((ROOT / "deploy" / "secrets.sh").read_bytes())
    subprocess.run(["sh", str(script)], check=True, capture_output=True)
    again = subprocess.run(["sh", str(script)], check=False, capture_output=True)
    assert again.returncode == 1, "passwords in use would be lost"
    return script.parent / "secrets"


def test_the_secrets_are_those_that_the_services_name(secrets: Path, compose: dict[str, Any]) -> None:
    assert {file.name for file in secrets.iterdir()} == set(compose["secrets"])
    assert secrets.stat().st_mode & 0o777 == 0o700
    postgres = (secrets / "postgres_password").read_text()
    assert len(postgres) == 48
    assert (secrets / "gateway_database_url").read_text() == f"postgresql://gateway:{postgres}@postgres:5432/gateway"


async def test_the_gateway_can_do_its_work_under_the_access_list_and_nothing_else(secrets: Path, tmp_path: Path) -> None:
    with redis(tmp_path, options=["--aclfile", str(secrets / "redis_acl")]) as (_, plain):
        word = (secrets / "gateway_redis_url").read_text()
        url = word.replace("redis:6379", plain.removeprefix("redis://").partition("/")[0])
        limiter = on_redis(RedisPlace(url), b"s" * 32)
        limit = Limit(scope="tenant/t", kind=LimitKind.CONCURRENT, amount=1)
        permit = await limiter.acquire([limit], Costs())
        await permit.release()
        await limiter.close()
        store = RedisStore(RedisPlace(url), b"s" * 32, budget_s=10.0)
        assert await store.clear("tenant") == 0
        await store.close()
        with client(url) as gateway, client(plain) as nobody:
            for forbidden in (["SET", "other:key", "1"], ["CONFIG", "GET", "*"], ["FLUSHALL"], ["KEYS", "*"]):
                with pytest.raises(NoPermissionError):
                    gateway.execute_command(*forbidden)
            with pytest.raises(NoPermissionError):
                nobody.get("gateway:any")
            assert nobody.ping()
            assert gateway.publish("gateway:hints", "") == 0
            with pytest.raises(NoPermissionError):
                gateway.publish("other", "")


@contextmanager
def client(url: str) -> Iterator[Any]:
    with Redis.from_url(url) as made:
        yield made


def _pins(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE))
