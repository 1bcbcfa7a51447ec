"""Why something doesn't come through between CAP and the national message, in words, by element."""

from __future__ import annotations

from typing import Final, NamedTuple


class Reason(NamedTuple):
    """A reason in Chinese and English."""

    zh: str
    en: str


GENERAL: Final = {
    "lost": Reason("另一种报文没有可放此内容的元素", "the other message has no element for it"),
    "changed": Reason("另一种报文只能写成这样", "the other message can only say it so"),
    "added": Reason(
        "另一种报文必须有此内容，由其他内容推出", "the other message must say it; it follows from the rest"
    ),
}
MANY_MORE: Final = Reason("另有更多项未列出", "there are more that are not listed")
_TIME = Reason(
    "国家标准报文的时间一律为北京时间，精确到秒", "the national message writes Beijing time in whole seconds"
)
_PRIVATE = Reason(
    "涉及个人或内部对象，不写入公开的CAP报文",
    "it is about persons or internal groups and stays out of a public message",
)
_UNIT = Reason("国家标准报文只有一个发布单位名称", "the national message holds one name of the issuing unit")
_IDENTITY = Reason("以本单位代码重新编号", "the message gets a new identity of the issuer given")

# By element, or by "lost element" / "changed element" / "added element" where the kinds have different reasons.
TO_GBT: Final = {
    "@version": Reason("转回时写为CAP 1.2", "what comes back is written as CAP 1.2"),
    "identifier": _IDENTITY,
    "sender": _IDENTITY,
    "sent": _TIME,
    "effective": _TIME,
    "onset": _TIME,
    "expires": _TIME,
    "references": Reason(
        "国家标准报文只引用标识；发布单位与时间由标识推出",
        "the national message refers by identity only; sender and time follow from it",
    ),
    "language": Reason("CAP未写语言即为en-US，转出时写明", "CAP without a language means en-US; it is written out"),
    "category": Reason("类别由事件类型代码推出", "the category follows from the event type"),
    "event": Reason("国家标准报文只有事件类型代码，名称由代码推出", "the national message has the code; the name follows from it"),
    "lost eventCode": Reason("国家标准报文只有一个事件类型代码", "the national message has one event type"),
    "added eventCode": Reason("事件类型代码由事件名称推出", "the event type follows from the name of the event"),
    "severity": Reason("国家标准报文只有颜色，严重程度由颜色推出", "the national message has the colour; severity follows from it"),
    "certainty": Reason("国家标准报文没有此取值", "the national message doesn't know this word"),
    "added parameter": Reason(
        "国家标准报文必有的颜色（由严重程度推出），或CAP无对应元素的内容，以参数保存",
        "a parameter holds the colour the national message needs (it follows from severity), or what CAP has no element for",
    ),
    "senderName": _UNIT,
    "mimeType": Reason("文件类型由文件名推出", "the type of a file follows from its name"),
    "size": Reason("文件大小应为整数字节", "a size is a whole number of bytes"),
    "lost circle": Reason("圆的写法不明，不换算单位", "the circle isn't written clearly; its unit is not guessed"),
    "circle": Reason("半径换算为米再换回，写法不同", "the radius goes through metres and comes back written otherwise"),
    "geocode": Reason(
        "国家标准报文只有6、9、12位行政区划代码", "the national message holds division codes of 6, 9 or 12 digits only"
    ),
}  # fmt: skip
_COLOUR = Reason("颜色写法统一", "the colour is written the standard way")
FROM_GBT: Final = {
    "phone": _PRIVATE,
    "audienceGrp": _PRIVATE,
    "audiencePrt": _PRIVATE,
    "changed senderName": _PRIVATE,
    "lost senderName": _PRIVATE,
    "added senderName": Reason("未写签发员时写发布单位", "without a signing officer the unit is written"),
    "sendTime": _TIME,
    "effective": _TIME,
    "onset": _TIME,
    "expires": _TIME,
    "sender": Reason("CAP没有info便没有发布单位名称", "CAP without an info has no name of the issuing unit"),
    "language": Reason("未写语言即为zh-CN，转出时写明", "without a language it is zh-CN; it is written out"),
    "severity": _COLOUR,
    "size": Reason("CAP的文件大小应为整数字节", "CAP's size is a whole number of bytes"),
    "circle": Reason("半径须为数字，换算为千米", "a radius must be a number; it goes through kilometres"),
}
