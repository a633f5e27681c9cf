"""Names by which people are known to a service: behind a word for them, behind a service, or spoken to as @somebody.

What a program would write there (a type, a variable, an account of the system itself) is nobody's name.
"""

from __future__ import annotations

import re

from presidio_analyzer import EntityRecognizer

from gateway.detection.expressions import Places
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer
from gateway.detection.recognizers.shapes import STRONG, WEAK

_LEFT, _WORD = r"(?<![A-Za-z0-9_@./-])", r"(?<![A-Za-z0-9])"
_LABEL = "user[ _-]?names?|screen[ _-]?names?|gamer[ _-]?tag|login[ _-]?(?:name|id)|account[ _-]?name"
_TITLED = (
    "(?:U(?ai:ser[ _-]?names?)|S(?ai:creen[ _-]?names?)|G(?ai:amer[ _-]?tag)|L(?ai:ogin[ _-]?(?:name|id))|"
    "A(?ai:ccount[ _-]?name))"
)
"""The same as a form has them: what begins with a small letter may be a program's variable."""
_LOOSE = "user[ _-]?ids?|log-?ins?|handles?|nick(?:name)?s?"
_SERVICES = (
    *("twitter", "telegram", "instagram", "insta", "tiktok", "snapchat", "snap", "discord", "reddit", "github", "gitlab"),
    *("gitee", "steam", "skype", "facebook", "mastodon", "bluesky", "twitch", "youtube", "kakaotalk", "psn", "xbox"),
    *("xbox live", "linkedin", "wattpad", "roblox", "minecraft", "venmo", "cash app"),
)
_SERVICE = "|".join(_SERVICES)
_OF_SERVICE = f"(?:{_SERVICE})(?:[ ](?:user(?:[ ]?name)?|handle|account|id|name|profile))?"
_SAYS = ("user", "login", "log-in", "handle", "screen[ _-]?name", "gamer", "nick", "account[ _-]?name")
_LABEL_HAN = (
    *("用户名", "用戶名", "昵称", "暱稱", "网名", "網名", "登录名", "登錄名", "账号名", "帳號名"),
    *("抖音号", "快手号", "小红书号"),
)
_BUYER_HAN = ("买家", "買家", "卖家", "賣家", "旺旺", "飞机号", "电报号", "会员名")
"""Behind these a name of a service stands without a colon."""
_SOCIAL_HAN = "博主|微博|小红书|抖音|快手|知乎|豆瓣|贴吧|网友|網友|私信|粉丝|关注|楼主|(?i:up)主|评论"
_COLON, _EQUALS = r"[\"'`*]{0,3}[ \t]{0,2}[:：]\*{0,2}[ \t]{0,2}[\"'`*]{0,3}", r"[\"']?[ ]?=[ ]?[\"']?"
_NEXT_CELL, _NEXT_LINE = r"[ ]{0,4}\|[ ]{0,2}", r"[:：][ \t]{0,2}\r?\n[ \t]{0,8}"
_SET = r"[ \t]{0,4}=[ \t]{0,4}"
_VERB = r"[ ](?ai:is|was)[ ][\"'`*]{0,3}"
_CHARACTERS = r"[A-Za-z0-9_][A-Za-z0-9_.-]{1,36}[A-Za-z0-9_]"
_VALUE = rf"@?(?P<start>){_CHARACTERS}(?:#[0-9]{{4}})?(?![A-Za-z0-9_@(\[/]|[.-][A-Za-z0-9_])"
_MARK = r"[0-9_]|\.[A-Za-z0-9]"
_MARKED = rf"(?=@?(?:[0-9]|[A-Za-z]{{1,30}}(?:{_MARK}))){_VALUE}"
"""With what words of a sentence have not: a digit, an underscore or a full stop inside. `heat-resistant` is a word."""
_CAPITAL = rf"(?=@?[A-Za-z]{{0,30}}[a-z][A-Z]){_VALUE}"
"""A capital inside is as good behind a service; behind `handle:` or `login:` it is a program's type."""
_NAMED = rf"{_MARKED}(?=[ ]{{0,4}}\||[ \t]{{0,4}}(?:\r?\n|\Z))"
"""All that stands on a line or in a cell."""
_ALONE = rf"{_VALUE}(?=[ \t]{{0,4}}(?:\r?\n|\Z))"
"""To the end of its line, as in a file of settings."""
_NUMBERED = rf"(?=@?[A-Za-z][A-Za-z_.-]{{0,30}}[0-9])(?!@?[vV][0-9]){_VALUE}"
"""A word with a number in it, which is no version."""
_OWN = r"(?:(?<=[Mm]y )|(?<=[Hh](?:is|er) )|(?<=their )|(?<=whose ))"
_LIKE_A_STATE = (
    "fred|jared|alfred|wilfred|manfred|ahmed|mohamed|mohammed|hamed|irving|sterling|clive|olive|brent|trent|vincent|laurent|clement|"
    "kelly|billy|sally|molly|emily|lily|polly|holly|carly|willy|shelly|beverly|kimberly|nelly|karen|helen|ellen|owen|steven|stephen|"
    "lauren|kristen|kirsten|darren|warren|carmen|aiden|jayden|hayden|eileen|maureen|colleen|kathleen|doreen|jurgen|soren|gwen"
)
"""Given names that end as what is said of a thing."""
_NO_STATE = (
    f"(?!(?!(?ai:{_LIKE_A_STATE})(?![A-Za-z]))"
    "(?ai:[a-z-]{0,20}(?:ed|ing|able|ible|ive|ent|ly|en)|[a-z]{1,3}|wrong|valid|lost|gone|secret|known|good|fine|(?:in)?correct|"
    "right|too|what|that|some|like|from|case|just|still|also|always|never|here|different|unique|long|short|blank|empty|public|"
    "private|based|very|this|your)(?![A-Za-z0-9_]))"
)
"""Neither `taken` nor `too long`: what is said of a name, where nothing but the verb tells that one follows."""
_SENTENCE = "[A-Z][a-z]+ [a-z]"
"""As a docstring has it: `:param username: Specifies the account`."""
_FIELD = "user|login|nick|nickname|handle|screen_name"
_VALUE_HAN = r"@?(?P<start>)[\u4e00-\u9fffA-Za-z0-9_.·-]{2,16}(?=[\s,，。！!？?）)、；;”\"」]|\Z)"
_SPOKEN_TO = (
    "follow(?:ed|ing|s)?|dm(?:ed|s)?|ping(?:ed)?|messaged?|contact(?:ed)?|ask(?:ed)?|cc|rt|thanks|thx|hi|hey|hello|tag(?:ged)?|"
    "from|by"
)
_HANDLE = r"(?<![A-Za-z0-9._%+-])@(?P<start>)[A-Za-z0-9_][A-Za-z0-9_.]{1,28}[A-Za-z0-9_](?![A-Za-z0-9_@(/]|[.-][A-Za-z0-9_])"
_HANDLE_HAN = r"(?<![A-Za-z0-9._%+-])@(?P<start>)[\u4e00-\u9fffA-Za-z0-9_-]{2,20}(?=[\s:：,，。！!？?）)、；;”\"]|\Z)"
_NOBODY = re.compile(
    "(?i)str|string|text|varchar[0-9]*|char|bool|boolean|int|integer|number|null|none|nil|undefined|any|object|true|false|required|"
    r"optional|unique|example|users?|username|user_?(?:name|id)|name|login|email|pass(?:word|wd)?|admin|administrator|root|guest|tests?|"
    r"nobody|anonymous|system|postgres|mysql|git|ubuntu|ec2-user|www-data|default|your[-_.]?\w*|my[-_.]?user\w*|xxx+|enter\w*|tbd|"
    "todo|self|this|data|value|here|channel|everyone|all|team|param|override|property|types?|media|import|component|autowired|"
    "must|please|can(?:not)?|should|may|will|the|an?|choose|pick|select|only|not|no|yes|new|current|invalid|missing|unknown|if|is|are|"
    "see|same|at|between|min|max|letters|users?[-_]?[0-9]{1,4}|node[0-9]+|ubuntu[0-9]*|0x[0-9a-f]+|"
    "(?:[请請](?:[输輸][入]|填|选|選|设|設|使用)|必填|选填|選填|可选|可選|不(?:能|可|得|存在|正确|正確|允许|允許|支持)|唯一|系统|系統|"
    "自动|自動|管理员|管理員|示例|默认|默認|已存在|已被|未填|未知|未登[录錄]|测试|測試|匿名|任意|您的)\\S*|[无無空]|"
    r"v?[0-9]+(?:[.,_][0-9]+)*[a-z]{0,4}|[_-]+|sha[0-9]+|base64|md5|oauth2?|u?int[0-9]+_t|utf[-_]?8\w*|uuid[0-9]?"
)
_DISCORD = r"@?(?P<start>)[A-Za-z0-9_.]{2,32}#[0-9]{4}(?![A-Za-z0-9])"
_CODE = re.compile(
    r"(?i)(?:self|this|data|users?|request|req|form|settings|config|env|os|args|params|props|state|event|e)\..*|"
    r"[a-z]\.(?-i:[a-z]+(?:_[a-z]+|[A-Z][A-Za-z]*))|"
    r".*[._](?:user_?name|name|value|id|text|login|email|user)[0-9]?"
)


def username_recognizers() -> tuple[EntityRecognizer, ...]:
    """Each match begins with what says that a user name follows; what is found is the name, without its @."""
    words = "|".join((*_SAYS, *_SERVICES, *_LABEL_HAN, *_BUYER_HAN))
    han = "|".join(_LABEL_HAN)
    labels = f"(?ai:{_LABEL}|{_LOOSE}|{_OF_SERVICE})"
    there = f"(?ai:{_SERVICE}|x|line|slack)(?![a-z])"
    return (
        CheckedPatternRecognizer(
            "USERNAME",
            [
                (rf"{_LEFT}(?ai:{_LABEL}){_COLON}(?!{_SENTENCE}){_VALUE}", STRONG),
                (rf"{_LEFT}{labels}(?:{_COLON}|{_VERB}|[ ](?=@)){_MARKED}", STRONG),
                (rf"{_LEFT}(?ai:{_OF_SERVICE})(?:{_COLON}|{_VERB}|[ ](?=@)){_CAPITAL}", STRONG),
                (rf"(?<!\S){_TITLED}{_SET}{_ALONE}", STRONG),
                (rf"{_LEFT}(?ai:{_LABEL}){_SET}[\"']{_VALUE}(?=[\"'])", STRONG),
                (rf"{_OWN}(?ai:{_LABEL}){_VERB}{_NO_STATE}{_VALUE}", WEAK),
                (rf"{_LEFT}{labels}(?:{_NEXT_CELL}|{_NEXT_LINE}){_NAMED}", STRONG),
                (rf"{_LEFT}(?:{labels}|(?ai:users?))(?:{_COLON}|{_EQUALS}){_NUMBERED}", STRONG),
                (rf"{_LEFT}(?ai:user(?:name)?|nick(?:name)?|{_SERVICE})[ ][\"'`(]?(?=[A-Za-z_.-]*[a-z]{{3}}){_NUMBERED}", WEAK),
                (rf"{_LEFT}(?:{_FIELD})[\"'][ ]?:[ ]?[\"']{_VALUE}(?=[\"'])", STRONG),
                (rf"{_LEFT}(?ai:discord)[ ]{_DISCORD}", STRONG),
                (rf"(?:{han})(?:[是为為叫:：=＝]{{1,2}}|(?=[ @])) ?[“\"「]?{_VALUE}", STRONG),
                (rf"(?:{'|'.join(_BUYER_HAN)})[ ]?[:：]?[ ]?(?=@?[A-Za-z]){_MARKED}", WEAK),
                (rf"(?:{han})[是:：] ?[“\"「]?{_VALUE_HAN}", WEAK),
            ],
            name="Username",
            gate=[f"(?i){words}"],
            check=is_somebodys_name,
            starts=Places(f"(?i){words}"),
        ),
        CheckedPatternRecognizer(
            "USERNAME",
            [
                (rf"{_WORD}(?ai:{_SPOKEN_TO})[ :]{{1,2}}{_HANDLE}", WEAK),
                (rf"(?<![@`/]){_HANDLE}(?=[ ](?ai:on|at|via|from)[ ]{there})", STRONG),
                (rf"(?:{_SOCIAL_HAN})[^\n@]{{0,12}}{_HANDLE_HAN}", WEAK),
            ],
            name="Handle",
            gate=["(?:^|[^A-Za-z0-9._%+-])@[A-Za-z0-9_\u4e00-\u9fff-]"],
            check=is_somebodys_name,
        ),
    )


def is_somebodys_name(value: str) -> bool | None:
    """Not what a program writes where a name would be."""
    return False if _NOBODY.fullmatch(value) or _CODE.fullmatch(value) else None
