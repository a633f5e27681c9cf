"""Names at services, and what programs write where one would be."""

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.usernames import username_recognizers

_CORE = PresidioDetector(username_recognizers())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("your username is Kaleigh_Purdy42 now", "Kaleigh_Purdy42"),
        ("Username: kbrown\nRole: clerk", "kbrown"),
        ("user name: j.doe.", "j.doe"),
        ("Username = kbrown\nRole = clerk", "kbrown"),
        ("  User name = kbrown", "kbrown"),
        ('username = "kbrown"', "kbrown"),
        ("username = kbrown7", "kbrown7"),
        ("Account-name: kbrown", "kbrown"),
        ("screen-name: kbrown", "kbrown"),
        ("My username is kbrown and it does not work.", "kbrown"),
        ("her screen name is moonchild", "moonchild"),
        ("My Snapchat is jess.xo99", "jess.xo99"),
        ("gamertag: xX_Sniper_Xx", "xX_Sniper_Xx"),
        ("Discord: Wumpus_99#1234", "Wumpus_99#1234"),
        ("login: rkumar2", "rkumar2"),
        ("username=jdoe42&x=1", "jdoe42"),
        ("or user thuy92 on the forum", "thuy92"),
        ('{"login": "octocat"}', "octocat"),
        ('{"username": "kbrown", "id": 1}', "kbrown"),
        ("Ask @maria_k on Telegram", "maria_k"),
        ("dm @lena.h about it", "lena.h"),
        ("**Username:** kbrown_7", "kbrown_7"),
        ("Username:\n  kbrown_7\n", "kbrown_7"),
        ("| Username | kbrown_7 |", "kbrown_7"),
        ("my username is brent and I am locked out", "brent"),
        ("a message from @lena.h: hello", "lena.h"),
        ("my Discord wumpus#1234", "wumpus#1234"),
        ("用户名：lily_chen", "lily_chen"),
        ("昵称：不爱吃鱼", "不爱吃鱼"),
        ("抖音号：tielingdawang", "tielingdawang"),
        ("网名：奔跑的蜗牛，", "奔跑的蜗牛"),
        ("买家miaomiao_77：还没到", "miaomiao_77"),
        ("飞机号 @along_668", "along_668"),
        ("小红书博主@爱吃的小鹿 私信我", "爱吃的小鹿"),
        ("小红书博主@-小鹿- 私信我", "-小鹿-"),
    ],
)
def test_found(text: str, value: str) -> None:
    assert [(f.entity, text[f.start : f.end]) for f in _CORE.analyze(text)] == [("USERNAME", value)]


@pytest.mark.parametrize(
    "text",
    [
        "    username: str\n    login: bool",
        "username: Optional[str]",
        "username = request.form['user_name']",
        'f"{username}:{password}"; username=settings.DB_USER',
        "username: data.username",
        'username: "admin", user: root',
        "my username is recent, my username is taken",
        "The username is required and the login is broken",
        "handle non-fatal errors; handle retry-after; user site-packages",
        "alias: TypeAlias; profile: high_recall",
        "GitHub v4 and GitHub 2024",
        "    username = current_user\n    user_name = row\n    login_name = session.login",
        "My username is too long, her username is taken, their screen name is not shown, my login name is case-sensitive",
        "her username is gone, my username is secret, his username is valid",
        "the username is kept; my username is wrong; his username is what?",
        "@lru_cache\ndef f(): ...",
        "@types/node and actions/checkout@v4",
        "ping @here, hi @everyone",
        "mail jane_doe@corp.example",
        "昵称为“一个很长的句子”",
        "Twitter is down",
        "the handle is heat-resistant, the login is two-factor, the username is case-sensitive",
        "Handle: Soft-grip",
        "Instagram: 10.5k followers, Twitter: 3.2M, github: v2.1, Steam: 2.5GB, LinkedIn: 12.5%, Skype: 8.1",
        "Handle: 120mm, login: sha256, user: utf8mb4, login: OAuth2, Users: 1_000",
        "用户名：____ 密码：____",
        "微博 @-------- 分隔线",
        "买家秀3张，卖家24小时发货，买家说好，卖家ERP",
        ":param username: Specifies the account",
        "def read(handle: BinaryIO, login: Final) -> None: ...",
        "login:\n  max_attempts: 3",
        "f({userId: u.updated_by, user_id: s.userID})",
        "Username: must be unique. Username: Please enter one",
        "Twitter B2B, PSN PS5, youtube mp4, discord py3",
        "用户名：请输入用户名。用户名是必填项，用户名：不能为空，昵称：选填",
    ],
)
def test_left(text: str) -> None:
    assert not _CORE.analyze(text)
