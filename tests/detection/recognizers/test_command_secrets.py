"""Passwords on command lines, in SQL and after "the password for ... is"; and what stands there without being one."""

from __future__ import annotations

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.command_secrets import command_secret_recognizers

_CORE = PresidioDetector(command_secret_recognizers())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("curl -s -u olaf:Gh7kk2x https://api.example.com", "olaf:Gh7kk2x"),
        ("curl --user 'olaf:Gh7kk2x' https://api.example.com", "olaf:Gh7kk2x"),
        ("http -a olaf:Gh7kk2x example.com", "olaf:Gh7kk2x"),
        ("mysql -u root -pGh7kk2x shop", "Gh7kk2x"),
        ("mysqldump -h db -p'Gh7kk2x' shop > a.sql", "Gh7kk2x"),
        ("sshpass -p Gh7kk2x ssh db", "Gh7kk2x"),
        ("redis-cli -h db -a Gh7kk2x ping", "Gh7kk2x"),
        ('sshpass -p "elm row 7" ssh db', "elm row 7"),
        ("curl -u 'olaf:elm row 7' https://api.example.com", "olaf:elm row 7"),
        ("mysqldump --password='elm row 7' shop", "elm row 7"),
        ('gpg --passphrase "correct horse battery staple" -d f', "correct horse battery staple"),
        ("CREATE USER olaf WITH PASSWORD 'elm''s row 7';", "elm''s row 7"),
        ("ALTER USER 'olaf'@'%' IDENTIFIED WITH caching_sha2_password BY 'Gh7kk2x'", "Gh7kk2x"),
        ("gpg --passphrase Gh7kk2x -d f", "Gh7kk2x"),
        ("New-User -Password Gh7kk2x", "Gh7kk2x"),
        ("CREATE USER olaf WITH PASSWORD 'Gh7kk2x';", "Gh7kk2x"),
        ("alter user 'olaf'@'%' identified by 'Gh7kk2x'", "Gh7kk2x"),
        ("SET PASSWORD = PASSWORD('Gh7kk2x')", "Gh7kk2x"),
        ("The password for the shared drive is Gh7kk2x, ask Tove", "Gh7kk2x"),
        ("password to my laptop: Elm!tree.", "Elm!tree"),
        ("the wifi password at the cabin was Elm-Row-77.", "Elm-Row-77"),
    ],
)
def test_a_password_is_found(text: str, value: str) -> None:
    assert [text[f.start : f.end] for f in _CORE.analyze(text)] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "docker run -u 1000:1000 image",
        "curl -u $USER:$TOKEN https://api.example.com",
        "curl -u user:password https://api.example.com",
        "curl -u '<name>:<key>' https://api.example.com",
        "mysql -u root -p shop",
        'run "mysql -p" and then "exit", or "redis-cli -a "',
        "a library identified by 'name'",
        "use --password with care, or --pass -v",
        "tool --password my-password",
        "WITH PASSWORD '<your password>'",
        "The password for new accounts is case-sensitive and long.",
        "The password for the account is required to have 12+ characters.",
        "password for jane@example.com: jane@example.com",
        "The secret to good bread is 12 hours' rest.",
    ],
)
def test_what_is_none(text: str) -> None:
    assert _CORE.analyze(text) == ()
