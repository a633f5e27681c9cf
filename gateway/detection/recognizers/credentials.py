"""Secrets: keys of clouds and model vendors, private keys, tokens, connection strings and written-out passwords.

Prefixes are those that the vendors document for secret scanning; a key without a prefix is only found behind its label.
"""

from __future__ import annotations

import re

from presidio_analyzer import EntityRecognizer

from gateway.detection.expressions import Places
from gateway.detection.recognizers.patterns import LONG, CheckedPatternRecognizer
from gateway.detection.recognizers.shapes import CERTAIN, STRONG

_EDGE = r"(?<![A-Za-z0-9])"
_KEYS = (
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}|ABSK[A-Za-z0-9+/]{60,200}={0,2}",  # AWS access key id, Bedrock key
    r"gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{22,255}",
    r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|oas|imt|agent)-[A-Za-z0-9_\-.]{20,64}",
    r"sk-(?:ant|proj|svcacct|admin|or-v1)-[A-Za-z0-9_\-]{16,256}|sk-[A-Za-z0-9]{20,128}",  # Anthropic, OpenAI, DeepSeek, ...
    r"AIza[A-Za-z0-9_\-]{35}|ya29\.[A-Za-z0-9_\-]{20,512}|GOCSPX-[A-Za-z0-9_\-]{20,40}",
    r"xox[abeprs](?:\.xox[abeprs])?-[A-Za-z0-9\-]{10,250}|xapp-[A-Za-z0-9\-]{10,250}",
    r"(?:sk|rk|whsec)_(?:live|test)_[A-Za-z0-9]{16,128}|whsec_[A-Za-z0-9+/=]{24,64}",
    r"hf_[A-Za-z0-9]{30,64}|gsk_[A-Za-z0-9]{40,64}|pplx-[A-Za-z0-9]{40,64}|xai-[A-Za-z0-9]{40,128}|r8_[A-Za-z0-9]{37}",
    r"npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_\-]{50,512}|do[ops]_v1_[a-f0-9]{64}|SG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{16,64}",
    r"LTAI[A-Za-z0-9]{12,26}|AKID[A-Za-z0-9]{13,40}",  # Alibaba Cloud, Tencent Cloud
    r"(?:AC|SK)[0-9a-f]{32}|key-[0-9a-f]{32}",  # Twilio, Mailgun
    r"[0-9]{8,10}:AA[A-Za-z0-9_\-]{33}",  # Telegram
    r"[MNO][A-Za-z0-9_\-]{23,25}\.[A-Za-z0-9_\-]{6}\.[A-Za-z0-9_\-]{27,38}",  # Discord
    r"[A-Za-z0-9_~.]{3}[78]Q~[A-Za-z0-9_~.\-]{31,34}",  # Azure AD client secret
    r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}|sq0(?:atp|csp)-[A-Za-z0-9_\-]{22,43}|EAAA[A-Za-z0-9_\-]{60}",  # Shopify, Square
    r"dapi[a-f0-9]{32}|dp\.(?:pt|st|ct)\.[A-Za-z0-9.]{40,60}|hv[sb]\.[A-Za-z0-9_\-]{24,300}",  # Databricks, Doppler, Vault
    r"lin_api_[A-Za-z0-9]{40}|ntn_[A-Za-z0-9]{40,60}|secret_[A-Za-z0-9]{43}|figd_[A-Za-z0-9_\-]{40}",  # Linear, Notion, Figma
    r"NRAK-[A-Z0-9]{27}|glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|sntry[su]_[A-Za-z0-9+/=_\-]{40,300}",  # New Relic, Grafana, Sentry
    r"ATATT3[A-Za-z0-9_\-=]{100,250}|PMAK-[a-f0-9]{24}-[a-f0-9]{34}|tfp_[A-Za-z0-9_\-]{40,60}",  # Atlassian, Postman, Typeform
    r"AGE-SECRET-KEY-1[A-Z0-9]{58}|sbp_[a-f0-9]{40}|rubygems_[a-f0-9]{48}|dckr_pat_[A-Za-z0-9_\-]{27}",
    r"nvapi-[A-Za-z0-9_\-]{40,80}|lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}|tgp_v1_[A-Za-z0-9_\-]{40,60}",  # NVIDIA, LangSmith
    r"bce-v3/ALTAK-[A-Za-z0-9]{20,30}/[a-f0-9]{40}|AKLT[A-Za-z0-9]{30,60}",  # Baidu, Volcengine
    r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}|pscale_(?:tkn|oauth|pw)_[A-Za-z0-9_.\-]{32,64}|nfp_[A-Za-z0-9]{36}|pul-[a-f0-9]{40}",
    r"HRKU-[A-Za-z0-9_\-]{36,80}|CFPAT-[A-Za-z0-9_\-]{43}|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9]{60,70}",  # Heroku, HCP
    r"pgw_[A-Za-z0-9_\-]{20,128}",
)
_HOOKS = (
    r"(?:https://)?(?:hooks\.slack\.com/services/[A-Za-z0-9/]{20,80}|discord(?:app)?\.com/api/webhooks/[0-9]{10,24}/[A-Za-z0-9_\-]{40,90}|"
    r"qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=[0-9a-f\-]{36}|oapi\.dingtalk\.com/robot/send\?access_token=[0-9a-f]{64}|"
    r"open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/[0-9a-f\-]{36}|"
    r"[a-z0-9\-]{1,60}\.webhook\.office\.com/webhookb2/[^\s\"'<>]{40,300})"
)
"""Addresses to which whoever knows them may write."""
_HOOK_GATE = r"hooks\.slack|/webhooks?/|/webhookb2/|/robot/send|/bot/v2/hook"
_KEY_GATE = (
    r"A(?:KIA|SIA|BIA|CCA)[A-Z2-7]|ABSK|gh[pousr]_|github_pat_|gl(?:pat|dt|rt|cbt|ptt|ft|soat|oas|imt|agent)-|"
    r"sk-(?:ant|proj|svcacct|admin|or-v1)-|sk-[A-Za-z0-9]{9}|AIza|ya29\.|GOCSPX-|xox[abeprs]|xapp-|"
    r"(?:sk|rk|whsec)_(?:live|test)_|whsec_|hf_[A-Za-z0-9]{4}|gsk_|pplx-|xai-|r8_|npm_[A-Za-z0-9]{4}|pypi-|do[ops]_v1_|"
    r"SG\.[A-Za-z0-9_\-]{4}|LTAI|AKID|(?:AC|SK)[0-9a-f]{4}|key-[0-9a-f]{4}|[0-9]:AA|"
    r"[A-Za-z0-9_\-]\.[A-Za-z0-9_\-]{6}\.[A-Za-z0-9_\-]{4}|[78]Q~|shp(?:at|ca|pa|ss)_|sq0(?:atp|csp)-|EAAA|dapi[a-f0-9]{4}|"
    r"dp\.(?:pt|st|ct)\.|hv[sb]\.|lin_api_|ntn_|secret_[A-Za-z0-9]{4}|figd_|NRAK-|glsa_|sntry[su]_|ATATT3|PMAK-|tfp_|"
    r"AGE-SECRET-KEY-|sbp_|rubygems_|dckr_pat_|pgw_|nvapi-|lsv2_|"
    r"tgp_v1_|ALTAK-|AKLT|xkeysib-|pscale_|nfp_[A-Za-z0-9]{4}|pul-[a-f0-9]{4}|HRKU-|CFPAT-|\.atlasv1\."
)
_JWT = r"(?<![A-Za-z0-9_\-])[A-Za-z0-9_\-]{11,}+\.eyJ[A-Za-z0-9_\-]{8,}+\.[A-Za-z0-9_\-]*+"
"""Takes all of a run of its characters, for it is found at the run's beginning only: the work stays linear."""
_PEM_NAME = "(?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
_PEM = rf"-----BEGIN {_PEM_NAME}(?:(?:[^\-]++|-(?!----))++-----END {_PEM_NAME}|[A-Za-z0-9+/=\s\\]{{16,16384}})"
_USERINFO = r"[A-Za-z][A-Za-z0-9+.\-]{1,20}://(?P<start>)[^\s:/@<>\"']{0,64}:[^\s/<>\"']{1,256}(?=@[^\s/@])"
_AZURE = r"(?<![A-Za-z])(?:AccountKey|SharedAccessKey|SharedSecret|sig)=(?P<start>)[A-Za-z0-9+/%]{27,120}={0,2}"
_COOKIE = (r"(?ai:(?<![a-z])(?:session(?:[_-]?id)?|sid|jsessionid|phpsessid|connect\.sid|asp\.net_sessionid|csrf_?token))="
           r"(?P<start>)(?=[A-Za-z_%.\-]{0,64}[0-9])[A-Za-z0-9%_.\-]{16,512}")  # fmt: skip
_BEARER = (r"(?ai:authorization[\"']?[ ]?[:=][ ]?[\"']?(?:bearer|basic|token)|(?<![a-z])bearer)[ ](?P<start>)"
           r"[A-Za-z0-9_\-.+/=]{16,}+")  # fmt: skip
_WORDS = (r"password|passwd|passphrase|passcode|pwd|secret|token|apikey|api[_ -]?key|access[_ -]?key(?:[_ -]?(?:id|secret))?|"
          r"secret[_ -]?key|private[_ -]?key|client[_ -]?secret(?:[_ -]?key)?|credentials?|pw|p/w|pgpassword|"
          r"passwort|kennwort|mot de passe|contraseña|senha|wachtwoord|lösenord|hasło|jelszó|heslo")  # fmt: skip
_GLUED = r"(?<=[a-z])(?:Password|Passwd|Pwd|Passphrase|Secret|ApiKey|(?:(?<=access)|(?<=efresh))Token)"
"""`dbPassword`; a token is as often the number of a page."""
_LABEL = rf"(?ai:(?<![a-z])(?<!one[- ]time[ ])(?:{_WORDS})(?![a-z]))"
_LABEL_HAN = "(?:密码|密碼|口令|密钥|密鑰|令牌)"
_BE = "is|was|ist|est|es"
_IS = (rf"[\"'`*]{{0,3}}[ \t]{{0,4}}(?:(?:(?ai:{_BE})[ \t]?|[是为為][ \t]?)?(?::=|=>|={{1,3}}|[:：＝])|"
       rf"(?ai:{_BE})(?=[ ])|[是为為])[ \t]{{0,4}}")  # fmt: skip
_IS_GATE = rf"[\"'`*]{{0,3}}[ \t]{{0,4}}(?:[:=：＝是为為]|(?i:{_BE})[ \t:=：＝])"
_LETTER = r"[^\s\"'`，。；、！？（）<>{}\u4e00-\u9fff]"
_VALUE = r"[^\s\"'`，。；、！？（）\u4e00-\u9fff]{4,}+"
_UNQUOTED = (rf"(?![:=：＝])(?={_LETTER}{{4}})"
             rf"(?:[^\s\"'`，。；、！？（）<>{{}}\u4e00-\u9fff()]+(?<![,;.])(?=[,;.)]*(?!{_LETTER}))|"
             rf"{_LETTER}+(?<![,;.]))")  # fmt: skip
"""Without the marks that end a sentence or a bracket around it; a bracket of its own may end it."""
_BARE = rf"{_LABEL}{_IS}\*{{0,2}}(?P<start>){_UNQUOTED}"
_SET = (
    rf"{_GLUED}[ ]?[=:][ ]?(?P<start>)(?=[^\s,;:(){{}}\[\]\"'`]{{6,128}}[ \t]{{0,4}}(?:\r?\n|\Z))"
    r"(?=[^\s]{0,128}?[0-9])[^\s]{6,128}"
)
"""Without quotes only to the end of its line: programs have variables there."""
_QUOTED = rf"(?:{_LABEL}|{_GLUED}(?![A-Za-z])|{_LABEL_HAN}){_IS}[\"'`](?P<start>){_VALUE}(?=[\"'`])"
_BARE_HAN = rf"{_LABEL_HAN}(?:{_IS}|[ ]?(?=[!-~]{{0,40}}[0-9])(?=[!-~]{{6}}))(?P<start>){_UNQUOTED}"
_STAND_IN = re.compile(
    r"[(\[]?(?i:none|null|true|false|str|string|bytes|int|bool|any|object|optional|required(?:\|\S*)?|undefined|redacted|"
    r"example|your[a-z_.\-]*|your[_-][\w-]*|xxx[x_.*\-]*[0-9]{0,4}|changeme|placeholder|password.?|secret.?|token.?)[,;:.)\]]*|"
    r"[*•.\-_x]+|[0-9]{1,3}\.[0-9]{1,4}[,;.)]*|\[[A-Za-z_-]+[0-9]*\]|"
    r"\$\{[^{}]*\}|\$\([^()]*\)|\{+[^{}]*\}+|<[^<>]*>|%\(\w+\)s|%[A-Za-z_]+%|\$(?:[A-Z_]+|[a-z_]+)"
)
"""Words that stand where a value would, and what a template or a shell puts a value for."""
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_CODE = re.compile(
    rf"[(\[]\S*|{_NAME}(?:\.{_NAME})*(?:[(\[](?:(?![)\]][!@#$^~](?![=.]))\S)*|\(\)!)|"  # a call or an item; no `Summer(2024)!`
    rf"(?!\S*[0-9]{{4}}[,;)]*\Z){_NAME}(?:\.{_NAME})+[,;)]*|"  # an attribute; no `john.smith1985`
    r"\$(?:[A-Z_][A-Z0-9_]*|[A-Za-z_]+[0-9]?)(?:[.:(\[,;)]\S*|-)?|\$\(\S*|"  # a variable; no `$ecur3`
    r"%\(\S*|#(?:[A-Za-z_-]+|[0-9a-fA-F]{3,8})[,;)]*"  # a format; a comment, a selector, a colour
)
"""What is computed, or a name for it, where no quotes say that it is a text."""


def credential_recognizers() -> tuple[EntityRecognizer, ...]:
    """Everything that opens a door; one entity, SECRET."""
    keys = [(f"{_EDGE}(?:{'|'.join(_KEYS)})", CERTAIN)]
    shapes = [(_USERINFO, CERTAIN), (_AZURE, CERTAIN), (_COOKIE, STRONG)]
    labels = Places(rf"(?i:{_WORDS})|{_LABEL_HAN}")
    stated = rf"(?:(?i:{_WORDS})|{_LABEL_HAN}){_IS_GATE}|{_LABEL_HAN} ?[!-~]{{6}}"
    return (
        CheckedPatternRecognizer("SECRET", keys, name="ApiKey", gate=[_KEY_GATE]),
        CheckedPatternRecognizer("SECRET", [(f"{_EDGE}{_HOOKS}", CERTAIN)], name="Webhook", gate=[_HOOK_GATE]),
        CheckedPatternRecognizer(
            "SECRET", [(_PEM, CERTAIN)], name="PrivateKey", gate=["-----BEGIN [A-Z0-9 ]*PRIVATE KEY"], reach=LONG
        ),
        CheckedPatternRecognizer("SECRET", [(_JWT, CERTAIN)], name="Jwt", gate=[r"\.eyJ"], check=_is_jwt, reach=LONG),
        CheckedPatternRecognizer(
            "SECRET", [(_BEARER, CERTAIN)], name="Bearer", gate=["(?i:bearer|basic|token) [A-Za-z0-9_.+/=-]{12}"], reach=LONG
        ),
        CheckedPatternRecognizer(
            "SECRET",
            shapes,
            name="Credential",
            gate=[r"://[^\s/]*:[^\s/]*@|Key=|Secret=|sig=|(?i:session(?:[_-]?id)?|sid|csrf_?token)="],
        ),
        CheckedPatternRecognizer(
            "SECRET",
            [(_BARE, STRONG), (_SET, STRONG)],
            name="AssignedSecret",
            gate=[stated],
            check=_looks_secret,
            starts=labels,
            reach=LONG,
        ),
        CheckedPatternRecognizer(
            "SECRET",
            [(_QUOTED, STRONG), (_BARE_HAN, STRONG)],
            name="StatedSecret",
            gate=[stated],
            check=_is_a_value,
            starts=labels,
            reach=LONG,
        ),
    )


def _is_jwt(text: str) -> bool:
    """RFC 7519: the header is a JSON object, `{"` in base64url; something may be glued to it on the left."""
    return "eyJ" in text.partition(".")[0]


def _is_a_value(value: str) -> bool | None:
    """Not a type, a template or a stand-in."""
    return False if _STAND_IN.fullmatch(value) else None


def _looks_secret(value: str) -> bool | None:
    """Without quotes a plain word is prose or the name of a variable, and there may be code."""
    plain = re.sub(r"[-_]", "", value.rstrip(",;.)"))
    is_word = plain.isalpha() and (plain.islower() or plain.isupper() or plain.istitle())
    return False if is_word or _CODE.fullmatch(value) else _is_a_value(value)
