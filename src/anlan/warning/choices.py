"""Codes of this stage with Chinese and English label and colour, in one place."""

from __future__ import annotations

from typing import Final, NamedTuple


class Choice(NamedTuple):
    """One code: what is stored, what is shown in each language, and the colour of its mark."""

    code: str
    zh: str
    en: str
    colour: str = "#5b6770"


def _index(*choices: Choice) -> dict[str, Choice]:
    return {choice.code: choice for choice in choices}


# Event types by GB/T 35561-2017 as commonly published; the code table itself is to be confirmed (mark G).
HAZARDS: Final = _index(
    Choice("11A01", "洪水", "Flood"),
    Choice("11A02", "内涝", "Urban flooding"),
    Choice("11A03", "水库重大险情", "Reservoir emergency"),
    Choice("11A04", "堤防重大险情", "Dyke emergency"),
    Choice("11A06", "山洪灾害", "Flash flood"),
    Choice("11B01", "台风", "Typhoon"),
    Choice("11B03", "暴雨", "Rainstorm"),
    Choice("11B04", "暴雪", "Snowstorm"),
    Choice("11B05", "寒潮", "Cold wave"),
    Choice("11B06", "大风", "Gale"),
    Choice("11B07", "沙尘暴", "Sandstorm"),
    Choice("11B09", "高温", "Heat"),
    Choice("11B14", "雷电", "Lightning"),
    Choice("11B15", "冰雹", "Hail"),
    Choice("11B17", "大雾", "Fog"),
    Choice("11B21", "道路结冰", "Road icing"),
    Choice("11C00", "地震灾害", "Earthquake"),
    Choice("11D01", "滑坡", "Landslide"),
    Choice("11D02", "泥石流", "Debris flow"),
    Choice("11G00", "森林草原火灾", "Forest or grassland fire"),
    Choice("12D00", "危险化学品事故", "Hazardous chemicals accident"),
)

# The colours themselves are kernel.levels.WarningColour; these are their marks on a page.
COLOURS: Final = _index(
    Choice("blue", "蓝色", "Blue", "#1d6fd1"),
    Choice("yellow", "黄色", "Yellow", "#d9a400"),
    Choice("orange", "橙色", "Orange", "#e0701a"),
    Choice("red", "红色", "Red", "#c8102e"),
)

ISSUER_KINDS: Final = _index(
    Choice("weather", "气象台", "Weather office"),
    Choice("government", "人民政府", "Government"),
    Choice("command", "防汛抗旱指挥部", "Flood command"),
)

PROPOSAL_STATES: Final = _index(
    Choice("open", "待决定", "Waiting for a decision", "#b45f06"),
    Choice("issued", "已发布", "Issued", "#2f6b3c"),
    Choice("declined", "已否决", "Declined"),
    Choice("lapsed", "逾期未决", "Lapsed without a decision", "#8c1c3a"),
    Choice("superseded", "已被更高级别取代", "Superseded by a higher colour"),
)

WARNING_STATES: Final = _index(
    Choice("in_force", "生效中", "In force", "#b45f06"),
    Choice("updated", "已更新", "Updated"),
    Choice("cancelled", "已解除", "Cancelled"),
    Choice("expired", "已到期", "Expired"),
)

VERDICTS: Final = _index(
    Choice("valid", "符合标准", "Valid", "#2f6b3c"),
    Choice("accepted_with_findings", "有问题，已接收", "Taken with findings", "#b45f06"),
    Choice("rejected", "无法读取，仅存原文", "Unreadable, bytes kept", "#8c1c3a"),
)

# How a CAP message received, or its chain, stands (engine/chains.py).
ALERT_STATES: Final = _index(
    Choice("in_force", "生效中", "In force", "#b45f06"),
    Choice("held", "暂存待决", "Held for a decision", "#8c1c3a"),
    Choice("superseded", "已被更新", "Superseded"),
    Choice("cancelled", "已取消", "Cancelled"),
    Choice("rejected", "已作废", "Rejected"),
    Choice("expired", "已到期", "Expired"),
    Choice("acting", "已执行", "Carried out", "#2f6b3c"),
    Choice("waiting", "等待所引消息", "Waiting for what it names", "#b45f06"),
    Choice("no_effect", "无效果", "Without effect"),
    Choice("conflict", "编号冲突", "Identity conflict", "#8c1c3a"),
    Choice("unknown", "不明", "Not known"),
    Choice("unreadable", "无法读取", "Unreadable", "#8c1c3a"),
)

# What the check of a received message's signature said, and what a source's policy makes of it (CAP 1.2 §3.3.4.2).
SIGNATURES: Final = _index(
    Choice("unchecked", "未核验", "Not checked"),
    Choice("unsigned", "未签名", "Not signed"),
    Choice("verified", "核验通过", "Verified", "#2f6b3c"),
    Choice("unverifiable", "无法核验", "Can't be verified", "#b45f06"),
    Choice("bad", "签名异常", "Bad signature", "#8c1c3a"),
)
POLICIES: Final = _index(
    Choice("tell", "只提示，不暂存", "Tell, hold nothing"),
    Choice("hold_bad", "签名异常的暂存", "Hold bad signatures"),
    Choice("hold_unproved", "未核验通过的一律暂存", "Hold what is not verified"),
)
FEED_STATES: Final = _index(
    Choice("new", "尚未轮询", "Not polled yet"),
    Choice("ok", "正常", "Well", "#2f6b3c"),
    Choice("failing", "读取失败", "Failing", "#8c1c3a"),
    Choice("paused", "已暂停", "Paused"),
)

CALL_STATES: Final = _index(
    Choice("placed", "已呼叫，等待回应", "Called, waiting", "#b45f06"),
    Choice("answered", "已回应", "Answered", "#2f6b3c"),
    Choice("escalated", "已升级，等待回应", "Climbed, waiting", "#a53f5c"),
    Choice("exhausted", "全部未回应", "Nobody answered", "#8c1c3a"),
    Choice("closed", "预警结束时仍未回应", "Unanswered when the warning ended"),
)

ANSWERS: Final = _index(
    Choice("received", "收到", "Received", "#2a6f97"),
    Choice("acting", "正在处置", "Acting", "#2f6b3c"),
    Choice("need_help", "需要支援", "Needs help", "#b45f06"),
    Choice("cannot", "无法执行", "Cannot", "#8c1c3a"),
)

REPLY_ENDS: Final = {**ANSWERS, **_index(Choice("filed", "已存档", "Filed away"))}

HELP_STATES: Final = _index(
    Choice("open", "待受理", "Waiting to be taken", "#b45f06"),
    Choice("taken", "已受理", "Taken by the desk", "#2a6f97"),
    Choice("closed", "已办结", "Closed", "#2f6b3c"),
)

# What came of a telephone call by hand that nobody answered.
TRIED: Final = _index(
    Choice("no_answer", "无人接听", "No answer"),
    Choice("wrong_number", "号码有误", "Wrong number"),
    Choice("busy", "占线", "Line busy"),
)

HOLDERS: Final = _index(
    Choice("A", "A角", "A-holder"),
    Choice("B", "B角", "B-holder"),
    Choice("deputy", "副职", "Deputy"),
    Choice("superior", "上级岗位", "Superior post"),
    Choice("duty", "值班室", "Duty desk"),
    Choice("visit", "上门", "Goes there"),
)

CHANNELS: Final = _index(
    Choice("voice", "语音电话", "Voice call"),
    Choice("sms", "短信", "Text message"),
    Choice("app", "应用通知", "App notice"),
    Choice("mass_sms", "全网短信", "Mass text message"),
    Choice("loudspeaker", "应急广播", "Loudspeakers"),
    Choice("tv_crawl", "电视滚动字幕", "Television crawl"),
    Choice("email", "电子邮件", "E-mail"),
    Choice("robot", "工作群机器人", "Group robot"),
    Choice("webhook", "系统对接", "Other systems"),
    Choice("call_list", "打印叫应名单", "Printed call list"),
)
# How an answer came: over a channel, or another way in.
CHANNELS_ANSWERED: Final = {
    **CHANNELS,
    **_index(
        Choice("desk", "值班室登记", "Logged at the desk"),
        Choice("api", "应用接口", "By interface"),
        Choice("loopback", "演练回环", "Loop-back"),
    ),
}
PUBLIC_CHANNELS: Final = ("mass_sms", "loudspeaker", "tv_crawl")
GROUP_CHANNELS: Final = ("robot", "webhook", "call_list")
"""Once for a warning, to group rooms, other systems and the printer; never to one person."""
PLAYED_CHANNELS: Final = ("voice", "sms", "app", "mass_sms", "loudspeaker", "tv_crawl")
"""The channels simulated people answer on unless the scenario names others; part of what a drill's journal seals."""

GATEWAY_KINDS: Final = _index(
    Choice("smpp", "短信（SMPP 3.4）", "Text messages by SMPP 3.4"),
    Choice("http_sms", "短信（HTTP 网关）", "Text messages by an HTTP gateway"),
    Choice("voice", "语音电话（HTTP 网关）", "Voice calls by an HTTP gateway"),
    Choice("smtp", "电子邮件（SMTP）", "E-mail by SMTP"),
    Choice("wecom", "企业微信群机器人", "WeCom group robot"),
    Choice("dingtalk", "钉钉群机器人", "DingTalk group robot"),
    Choice("feishu", "飞书群机器人", "Feishu group robot"),
    Choice("web_push", "网页推送", "Web push"),
    Choice("mqtt", "村村响（MQTT）", "Village loudspeakers by MQTT"),
    Choice("broadcast_file", "应急广播文件", "Emergency broadcast files"),
    Choice("webhook", "通用回调", "Plain webhook"),
    Choice("call_list", "打印叫应名单", "Printed call list"),
    Choice("loopback", "自检回环", "Loop-back for measuring"),
)

MESSAGE_STATES: Final = _index(
    Choice("queued", "待发", "Queued", "#b45f06"),
    Choice("taken", "发送中", "Being sent", "#b45f06"),
    Choice("handed", "已交网关", "Handed to the gateway", "#2a6f97"),
    Choice("delivered", "已送达", "Delivered", "#2f6b3c"),
    Choice("failed", "发送失败", "Failed", "#8c1c3a"),
    Choice("given_up", "多次未成，已放弃", "Given up", "#8c1c3a"),
    Choice("moved", "已改走其他渠道", "Sent by another channel", "#5b6770"),
    Choice("cancelled", "已撤回", "Taken back"),
)

# How the ringing of somebody stands (点名呼叫), and why nobody could be rung.
RINGING_STATES: Final = _index(
    Choice("ringing", "呼叫中", "Rung"),
    Choice("answered", "已应答", "Answered"),
    Choice("silent", "无人应答", "No answer"),
    Choice("called_off", "已另行办结", "Called off"),
    Choice("unrung", "未能呼叫", "Not rung"),
)
UNRUNG: Final = _index(
    Choice("no_way", "未设置语音或短信渠道", "No way to telephones is set up"),
    Choice("no_number", "此人没有登记电话", "No telephone number is on record"),
    Choice("nobody", "此岗位当前无人", "Nobody holds the post now"),
    Choice("together", "已并入同一人的一次呼叫", "Told in one call about several"),
)

UNREAD_REASONS: Final = _index(
    Choice("unknown_sender", "来自未叫应过的号码", "From an address that was not called"),
    Choice("unknown_words", "内容无法识别", "The words can't be read as an answer"),
    Choice("no_open_call", "没有对应的叫应", "No call belongs to it"),
)

WAY_STATES: Final = _index(
    Choice("up", "正常", "Well"),
    Choice("down", "中断", "Down"),
    Choice("waiting", "尚未使用", "Not used yet"),
    Choice("paused", "已暂停", "Paused"),
)

STOP_KINDS: Final = _index(
    Choice("metro", "地铁停运", "Metro stopped"),
    Choice("bus", "公交停运", "Buses stopped"),
    Choice("tunnel", "隧道封闭", "Tunnel closed"),
    Choice("school", "停课", "Schools closed"),
    Choice("work", "停工", "Work stopped"),
)

LEVELS: Final = _index(
    Choice("city", "市", "City"),
    Choice("county", "县（市、区）", "County"),
    Choice("township", "乡镇（街道）", "Township"),
    Choice("village", "村（社区）", "Village"),
    Choice("site", "重点单位", "Special site"),
)


def pairs(table: dict[str, Choice]) -> list[tuple[str, str]]:
    """(code, English label) pairs for a model field."""
    return [(choice.code, choice.en) for choice in table.values()]


def name(table: dict[str, Choice], code: str) -> dict[str, str]:
    """{"zh", "en"} of a code; an unknown code shows as itself."""
    choice = table.get(code)
    return {"zh": choice.zh, "en": choice.en} if choice else {"zh": code, "en": code}
