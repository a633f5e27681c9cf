from __future__ import annotations

from pathlib import Path

import yaml

from bench.cache.__main__ import Pass, _table
from bench.cache.contestants import _with_cache
from bench.gateways import _POLICY, REDACT
from gateway.policy.language.schema import Policy


def test_the_policy_of_those_with_a_cache(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(_POLICY.format(backend="http://127.0.0.1:1/v1", entities=REDACT))
    _with_cache(path)
    cache = Policy.model_validate(yaml.safe_load(path.read_text())).tenants["bench"].cache
    assert cache is not None
    assert (cache.share, cache.when) == ("tenant", "always")


def test_the_table_has_medians_and_all_failures() -> None:
    first, again = ([Pass(cpu, 10 * cpu, 1) for cpu in cpus] for cpus in ((3.0, 1.0, 2.0), (0.5, 0.5, 9.0)))
    passes = {("short", "x", "first"): first, ("short", "x", "again"): again}
    assert _table(passes)[2:] == ["| short | x | 2.00 | 0.50 | 20.00 | 5.00 | 6 |"]
