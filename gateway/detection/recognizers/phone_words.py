"""Words that say of a number that it is a telephone, and words that say that it is something else."""

from __future__ import annotations

PHONE_WORDS = (
    *("phone", "telephone", "tel", "mobile", "mob", "cell", "cellphone", "cellular", "call", "callback", "fax", "facsimile"),
    *("whatsapp", "viber", "sms", "text me", "texting", "reach", "ring", "dial", "answering", "handy", "hotline"),
    *(
        "helpline",
        "landline",
        "pager",
        "voicemail",
        "contact number",
        "contact no",
        "emergency contact",
        "my number",
        "new number",
    ),
    *("ph", "t:", "m:", "f:", "p:"),
    *(
        "电话",
        "電話",
        "手机",
        "手機",
        "致电",
        "致電",
        "請電",
        "来电",
        "來電",
        "热线",
        "传真",
        "拨打",
        "座机",
        "联系",
        "聯繫",
        "聯系",
        "联络",
        "聯絡",
    ),
    *("邀约", "洽", "预约", "咨询"),
)
OTHER_NUMBERS = (
    *("order", "invoice", "ticket", "case", "reference", "ref", "tracking", "booking", "reservation", "confirmation"),
    *("account", "acct", "routing", "passport", "licence", "license", "policy", "claim", "serial", "sku", "isbn", "issn"),
    *("build", "version", "commit", "issue", "timestamp", "epoch", "pid", "uuid"),
    *("订单", "单号", "编号", "流水号", "账号", "护照", "身份证", "卡号", "学号", "工号", "保单", "医保"),
)
