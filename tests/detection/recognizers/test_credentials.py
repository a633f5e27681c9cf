"""Passwords behind a label, with and without quotes, and the code beside them that is none; long tokens are covered whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.registry import pattern_recognizers

Secrets = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def secrets() -> Secrets:
    core = PresidioDetector(pattern_recognizers())
    return lambda text: [text[f.start : f.end] for f in core.analyze(text) if f.entity == "SECRET"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('password: "#Sup3rS3cret!"', "#Sup3rS3cret!"),
        ('password: "$ecur3P4ss!"', "$ecur3P4ss!"),
        ('password: "Summer(2024)!"', "Summer(2024)!"),
        ('password: "YourMom1985!"', "YourMom1985!"),
        ('{"password": "(9kd8s7dhf7"}', "(9kd8s7dhf7"),
        ('{"password": "a<b{9}c!"}', "a<b{9}c!"),
        ('password = "john.smith1985"', "john.smith1985"),
        ("密码：#Sup3rS3cret!", "#Sup3rS3cret!"),
        ("密码: (9kd8s7dhf7", "(9kd8s7dhf7"),
        ("密码是：Tr0ub4dor3", "Tr0ub4dor3"),
        ("DB_PASSWORD=$up3rS3cret9", "$up3rS3cret9"),
        ("password: Summer(2024)!", "Summer(2024)!"),
        ("password: #Sup3rS3cret!", "#Sup3rS3cret!"),
        ("password: YourMom1985!", "YourMom1985!"),
        ("password: john.smith1985", "john.smith1985"),
        ("my password is: Hunter2!x", "Hunter2!x"),
        ("client_secret_key=aB3dE5fG7hJ9kL1", "aB3dE5fG7hJ9kL1"),
        ("token:=aB3dE5fG7", "aB3dE5fG7"),
        ('{"dbPassword": "aB3dE5fG7"}', "aB3dE5fG7"),
        ("PGPASSWORD=aB3dE5fG7 psql", "aB3dE5fG7"),
        ("login: olaf / pw: aB3dE5fG7", "aB3dE5fG7"),
        ("Das Passwort ist aB3dE5fG7", "aB3dE5fG7"),
        ("contraseña: aB3dE5fG7", "aB3dE5fG7"),
    ],
)
def test_finds_a_password_with_ordinary_symbols(secrets: Secrets, text: str, value: str) -> None:
    assert secrets(text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "password = getpass()",
        "String dbPassword = env.get(0)",
        '{"nextPageToken": "CAUQAA9x"}',
        "pw = 3.25; the pw is 12.5",
        'password=os.environ["X"]',
        "password: str; self.password = password",
        "password: Optional[str] = None",
        "secret: process.env.SECRET",
        "token = tokens[i+1]!=END; token == expected_token",
        "token = $this->token; PASSWORD=$DB_PASSWORD; token=$_POST[0]",
        "token: #ff00aa; password: #login-form",
        "password: [PASSWORD_1], token: (optional)",
        'password: "${DB_PASSWORD}", token: "$(pass show x)", secret: "{{secret}}", api_key: "<your-key>"',
        'token: "your_api_key_1", password: "your-password", secret: "[REDACTED]", pwd: "$DB_PASSWORD"',
        "密码：${DB_PASSWORD}，密钥：{{key}}，令牌：<token>",
    ],
)
def test_leaves_code_templates_and_stand_ins_alone(secrets: Secrets, text: str) -> None:
    assert secrets(text) == []


@pytest.mark.parametrize("before", ["Bearer ", "token=", 'password: "'])
@pytest.mark.parametrize("padding", ["", "x " * 8_000])
def test_a_long_token_is_covered_whole(secrets: Secrets, before: str, padding: str) -> None:
    token = "a1B2" * 4_000
    assert secrets(f'{padding}{before}{token}" end') == [token]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("密码Hk7#mango_Rain，别外传", "Hk7#mango_Rain"),
        ("Set-Cookie: session=9f8b2c7d1e6a4053b8f2d9c7a1e6b405; HttpOnly", "9f8b2c7d1e6a4053b8f2d9c7a1e6b405"),
        ("JSESSIONID=node01abcdef1234567890;", "node01abcdef1234567890"),
        (f"发到 https://open.feishu.cn/open-apis/bot/v2/hook/{'1b' * 18} 吧", f"https://open.feishu.cn/open-apis/bot/v2/hook/{'1b' * 18}"),
        (f"hooks.slack.com/services/T02AB3CD4/B05EF6GH7/{'k8' * 12}", f"hooks.slack.com/services/T02AB3CD4/B05EF6GH7/{'k8' * 12}"),
        (f"export NVIDIA={'nvapi-' + 'aB3_' * 12}", "nvapi-" + "aB3_" * 12),
        (f"HCP {'aB3dE5fG7hJ9kL'}.atlasv1.{'x7' * 32} ", f"aB3dE5fG7hJ9kL.atlasv1.{'x7' * 32}"),
    ],
)  # fmt: skip
def test_finds_webhooks_sessions_and_keys_of_more_vendors(secrets: Secrets, text: str, value: str) -> None:
    assert secrets(text) == [value]


@pytest.mark.parametrize(
    "text", ["密码8-16位", "密码不能为空", "session=start", "sid=1", "the session=abcdefghijklmnopqrst is odd"]
)
def test_rules_and_short_values_are_no_secrets(secrets: Secrets, text: str) -> None:
    assert secrets(text) == []
