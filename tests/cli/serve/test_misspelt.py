from __future__ import annotations

import pytest

from gateway.cli.break_glass.person import KEY_VARIABLE as PERSON_KEY
from gateway.cli.eval.question_set import KEY_VARIABLE as API_KEY
from gateway.cli.serve.misspelt import OF_COMMANDS, SECRETS, misspelt
from gateway.identity.pepper import SECRET_VARIABLE
from gateway.keys.master import VARIABLE as MASTER_KEY
from gateway.settings import Settings


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("GATEWAY_DATABSE_URL", "GATEWAY_DATABASE_URL"),
        ("GATEWAY_DECISON_LOG", "GATEWAY_DECISION_LOG"),
        ("GATEWAY_REDIS_URI", "GATEWAY_REDIS_URL"),
        ("GATEWAY_STATEDIR", "GATEWAY_STATE_DIR"),
        ("gateway_stat_dir", "GATEWAY_STATE_DIR"),
    ],
)
def test_what_is_nearly_a_setting_is_told(written: str, meant: str) -> None:
    assert list(misspelt([written, "PATH"])) == [(written, meant)]


def test_settings_and_what_else_the_gateway_reads_are_not() -> None:
    assert (set(SECRETS), set(OF_COMMANDS)) == ({SECRET_VARIABLE, MASTER_KEY}, {PERSON_KEY, API_KEY})
    of_compose = ("GATEWAY_IMAGE", "GATEWAY_DOCKERFILE")
    assert (
        list(misspelt([*(f"GATEWAY_{name.upper()}" for name in Settings.model_fields), *SECRETS, *OF_COMMANDS, *of_compose]))
        == []
    )


def test_other_variables_may_be_called_anything() -> None:
    assert list(misspelt(["GATEWAY_BERLIN_BACKEND_KEY", "GATEWAY_API_KEY_1", "GATWAY_PORT", "HOME"])) == []
