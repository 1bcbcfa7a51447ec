"""Names of the settings of ways out, as the form shows them (formats/channel_settings.py says what each takes)."""

from __future__ import annotations

from typing import Final

from anlan.warning.choices import Choice, _index

# The channel a gateway of each kind usually carries: where the form begins.
CARRIES: Final = {
    "smpp": "sms", "http_sms": "sms", "voice": "voice", "smtp": "email", "wecom": "robot", "dingtalk": "robot",
    "feishu": "robot", "web_push": "app", "mqtt": "loudspeaker", "broadcast_file": "loudspeaker", "webhook": "webhook",
    "call_list": "call_list", "loopback": "sms",
}  # fmt: skip

FIELDS: Final = _index(
    Choice(
        "body",
        "请求内容（JSON，可用 {address} {text} {reference}）",
        "Body (JSON; may hold {address} {text} {reference})",
    ),
    Choice("ca", "根证书文件", "File of the root certificate"),
    Choice("callback", "回执回复地址（告知网关）", "Our address for receipts, told to the gateway"),
    Choice("callback_fields", "回调字段对应（JSON）", "Fields of the call-back (JSON)"),
    Choice("callback_secret", "回调签名密钥的名称", "Name of the call-back's signing secret"),
    Choice("client", "MQTT 客户端标识", "MQTT client id"),
    Choice("country", "国家码", "Country code"),
    Choice("delivered_values", "表示已送达的值（每行一个）", "Values that mean delivered, one a line"),
    Choice("enquire_s", "链路检测间隔（秒）", "Seconds between link checks"),
    Choice("failed_values", "表示失败的值（每行一个）", "Values that mean failed, one a line"),
    Choice("folder", "目录", "Folder"),
    Choice("form", "提交格式", "Form of the request"),
    Choice("headers", "请求头（JSON，可用 {secret}）", "Headers (JSON; may hold {secret})"),
    Choice("host", "主机", "Host"),
    Choice("hosts", "允许的推送服务（每行一个，空为不限）", "Push services allowed, one a line; empty: any"),
    Choice("key", "访问密钥的名称", "Name of the access key's secret"),
    Choice("key_header", "防重复请求头", "Header that makes a repeat known"),
    Choice("keys", "按键含义（JSON）", "What the keys mean (JSON)"),
    Choice("language", "语言", "Language"),
    Choice("mention_all", "提醒所有人", "Call everybody in the group"),
    Choice("method", "请求方法", "Method"),
    Choice("most_parts", "最多拆分条数", "Most parts of a long text"),
    Choice("npi", "被叫号码方案（NPI）", "Numbering plan of the called (NPI)"),
    Choice("ok", "成功标志字段", "Field that means success"),
    Choice("ok_value", "成功标志值", "Value that means success"),
    Choice("port", "端口", "Port"),
    Choice("qos", "服务质量（QoS）", "Quality of service (QoS)"),
    Choice("receipts", "要求送达回执", "Ask for delivery receipts"),
    Choice("receivers", "接收平台代码（每行一个）", "Codes of the receiving platforms, one a line"),
    Choice("repeat", "播报遍数", "Times it is read"),
    Choice("reply_to", "回复地址", "Reply to"),
    Choice("secret", "密钥的名称", "Name of the secret"),
    Choice("security", "加密方式", "Encryption"),
    Choice("sender", "发送方", "Sender"),
    Choice("service_type", "业务类型", "Service type"),
    Choice("sign", "签名密钥的名称", "Name of the signing secret"),
    Choice("source", "主叫号码", "Our number"),
    Choice("source_npi", "主叫号码方案（NPI）", "Numbering plan of our number (NPI)"),
    Choice("source_ton", "主叫号码类型（TON）", "Type of our number (TON)"),
    Choice("subject", "责任联系方式（mailto: 或 https:）", "Who answers for it (mailto: or https:)"),
    Choice("system_id", "登录账号（system_id）", "Account (system_id)"),
    Choice("system_type", "系统类型", "System type"),
    Choice("taken", "网关编号字段", "Field with the gateway's id"),
    Choice("timeout_s", "超时（秒）", "Time-out (s)"),
    Choice("tls", "TLS 加密", "TLS"),
    Choice("ton", "被叫号码类型（TON）", "Type of the called number (TON)"),
    Choice("topic", "主题（可用 {division}）", "Topic (may hold {division})"),
    Choice("ttl_s", "推送服务保留时间（秒）", "Seconds a push service may keep it"),
    Choice("url", "网关地址", "Address of the gateway"),
    Choice("user", "用户名", "User"),
    Choice("volume", "音量（0–100）", "Volume (0–100)"),
)
