"""Every finding there is: code → how bad, what it says in both languages, and where the standard says so.

`{value}` in the words is the text at fault, shortened. Sections are those of OASIS CAP 1.2, 1 July 2010.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from anlan.warning.formats.cap.values import Finding, Severity

MOST_FINDINGS: Final = 200  # told of one message
MOST_LOOKED_AT: Final = 20_000  # where looking on stops, so that a hostile message can't make millions
SHOWN: Final = 80  # characters of a text at fault that are repeated in the words


class Kind(NamedTuple):
    """One kind of finding: severity, words in both languages, and the clause it rests on."""

    severity: Severity
    zh: str
    en: str
    clause: str


_DOOR: Final = {
    "empty_file": Kind("error", "文件为空", "the file is empty", "XML 1.0 §2.1"),
    "too_large": Kind("error", "文件超过{value}字节", "is larger than {value} bytes", "own limit"),
    "too_many_marks": Kind("error", "标记或等号过多（{value}）",
         "has too many tags or attributes ({value})", "own limit"),
    "encoding_unknown": Kind("error", "不接受的字符编码：{value}", "encoding {value} is not taken", "XML 1.0 §4.3.3"),
    "encoding_differs": Kind("error", "声明的编码{value}与内容不符",
         "is not in the encoding it declares, {value}", "XML 1.0 §4.3.3"),
    "doctype": Kind("error", "含有DOCTYPE声明，不予读取", "has a DOCTYPE and is not read", "own limit"),
    "leading_blanks": Kind("error", "XML声明前有空白", "has blanks before the XML declaration", "XML 1.0 §2.8"),
    "not_well_formed": Kind("error", "不是格式良好的XML：{value}", "is not well-formed XML: {value}", "XML 1.0 §2.1"),
    "not_cap": Kind("error", "根元素{value}不是CAP报文", "the root element {value} is no CAP message", "§3.2.1"),
    "namespace": Kind("error", "命名空间{value}不是CAP的命名空间", "namespace {value} is not CAP's", "§3.2.1 alert"),
}  # fmt: skip

_STRUCTURE: Final = {
    "unknown_element": Kind("error", "标准中此处没有元素{value}",
         "the standard has no element {value} here", "XML schema"),
    "element_order": Kind("error", "元素{value}的顺序不对", "element {value} is out of order", "XML schema"),
    "element_repeated": Kind("error", "元素{value}只能出现一次",
         "element {value} may stand only once", "XML schema"),
    "element_missing": Kind("error", "缺少必需元素{value}", "the required element {value} is missing", "XML schema"),
    "element_nested": Kind("error", "{value}内只能是文字，不能有元素",
         "{value} holds elements where only text may stand", "XML schema"),
    "element_filled": Kind("info", "{value}在旧版中可缺省，已补上",
         "{value}, optional in this older version, was filled in", "§3.2"),
    "attribute": Kind("error", "标准中没有属性{value}", "the standard has no attribute {value}", "XML schema"),
    "stray_text": Kind("error", "元素之间有多余文字：{value}",
         "text stands between the elements: {value}", "XML schema"),
    "schema": Kind("error", "不符合XML模式：{value}", "breaks the schema: {value}", "XML schema"),
    "element_empty": Kind("warning", "{value}为空", "{value} is empty", "§3.2"),
    "signature_present": Kind("info", "带有数字签名，此处未验证", "carries a signature, not verified here", "§3.3.4"),
    "findings_cut": Kind("warning", "问题过多，只列出{value}项，错误在先",
         "there are more findings; {value} are told, errors first", "own limit"),
}  # fmt: skip

_ALERT: Final = {
    "identifier_characters": Kind("error", "identifier不得含空格、逗号、<、&",
         "identifier has a blank, comma, < or &, or is empty", "§3.2.1 identifier"),
    "sender_characters": Kind("error", "sender不得含空格、逗号、<、&",
         "sender has a blank, comma, < or &, or is empty", "§3.2.1 sender"),
    "enumeration": Kind("error", "{value}不在标准规定的取值中",
         "{value} is not one of the standard's values", "§3.2"),
    "time_form": Kind("error", "时间{value}不是YYYY-MM-DDThh:mm:ss±hh:mm格式",
         "time {value} is not YYYY-MM-DDThh:mm:ss±hh:mm", "§3.3.2"),
    "time_unreadable": Kind("error", "时间{value}无法识别或没有时区",
         "time {value} can't be read, or has no offset", "§3.3.2"),
    "restriction_missing": Kind("error", "scope为Restricted时必须有restriction",
         "scope Restricted needs restriction", "§3.2.1 restriction"),
    "restriction_unused": Kind("warning", "scope不是Restricted，restriction没有意义",
         "restriction means nothing unless scope is Restricted", "§3.2.1 restriction"),
    "addresses_missing": Kind("error", "scope为Private时必须有addresses",
         "scope Private needs addresses", "§3.2.1 addresses"),
    "quotes_open": Kind("warning", "双引号不成对：{value}",
         "a double quote is left open: {value}", "§3.2.1 addresses"),
    "references_missing": Kind("error", "{value}必须用references指明所针对的报文",
         "{value} must name the message it acts on in references", "§3.2.1 msgType, references"),
    "references_form": Kind("error", "引用{value}不是sender,identifier,sent三元组",
         "reference {value} is not sender,identifier,sent", "§3.2.1 references"),
    "references_self": Kind("error", "报文引用了自己（sender、identifier、sent三者相同）",
         "the message refers to itself: the very same sender, identifier and sent", "§3.2.1 references"),
    "identifier_reused": Kind("warning", "与所引用的报文sender、identifier相同，仅sent写法或时间不同",
         "has sender and identifier of the message it refers to; only sent differs, in its moment or in how it is written",
         "§3.2.1 identifier, references"),
    "references_later": Kind("error", "引用了更晚的报文{value}",
         "refers to a later message, {value}", "§3.2.1 references"),
    "note_exercise": Kind("warning", "演练报文应在note中写明演练名称",
         "an exercise should name itself in note", "§3.2.1 status"),
    "note_error": Kind("warning", "Error报文应在note中说明原因",
         "an Error message should give its reason in note", "§3.2.1 msgType"),
    "info_missing": Kind("warning", "没有info：收件人不知道发生了什么",
         "there is no info: nobody learns what happens", "§3.2.1 info"),
}  # fmt: skip

_INFO: Final = {
    "language_form": Kind("error", "{value}不是语言代码（如zh-CN）",
         "{value} is no language code such as zh-CN", "§3.2.2 language"),
    "language_override": Kind("info", "同一语言的后一info改变了前面的级别",
         "a later info of the same language changes levels given before", "§3.2.2 info"),
    "language_same_text": Kind("warning", "两种语言的文字完全相同",
         "two languages have the very same text", "§3.2.2 language"),
    "expires_missing": Kind("warning", "没有expires，由接收方自定失效时间",
         "has no expires: each receiver sets its own end", "§3.2.2 expires"),
    "expires_before_sent": Kind("warning", "失效时间早于发送时间", "expires before it was sent", "§3.2.2 expires"),
    "expires_before_effective": Kind("warning", "失效时间早于生效时间",
         "expires before it takes effect", "§3.2.2 expires"),
    "expires_before_onset": Kind("warning", "失效时间早于事件开始时间",
         "expires before the event begins", "§3.2.2 onset, expires"),
    "web_form": Kind("warning", "web应为完整网址：{value}", "web should be a whole address: {value}", "§3.2.2 web"),
    "markup": Kind("warning", "文字中有HTML标记或实体：{value}",
         "the text holds HTML markup or entities: {value}", "§3.3 character entities"),
    "test_words": Kind("warning", "状态为Actual而标题说是测试或演练：{value}",
         "the headline speaks of a test though status is Actual: {value}", "§3.2.1 status"),
    "name_empty": Kind("warning", "{value}没有valueName", "{value} has no valueName", "§3.2.2 eventCode, parameter"),
    "mime_form": Kind("warning", "{value}不是MIME类型", "{value} is no MIME type", "§3.2.3 mimeType"),
    "size_form": Kind("error", "{value}不是字节数", "{value} is no number of bytes", "§3.2.3 size"),
    "size_differs": Kind("warning", "size与内容长度不符：{value}",
         "size and the length of the content differ: {value}", "§3.2.3 size"),
    "uri_relative": Kind("warning", "没有derefUri时uri应为完整网址：{value}",
         "uri without derefUri should be a whole address: {value}", "§3.2.3 uri"),
    "deref_form": Kind("error", "derefUri不是base64", "derefUri is not base64", "§3.2.3 derefUri"),
    "digest_form": Kind("warning", "{value}不是SHA-1摘要", "{value} is no SHA-1 digest", "§3.2.3 digest"),
    "digest_differs": Kind("warning", "digest与内容不符", "digest is not that of the content", "§3.2.3 digest"),
    "resource_bare": Kind("info", "资源没有uri也没有derefUri", "the resource has neither uri nor derefUri", "§3.2.3"),
}  # fmt: skip

_AREA: Final = {
    "ring_form": Kind("error", "多边形不是“纬度,经度 纬度,经度…”：{value}",
         "the polygon is not “lat,lon lat,lon …”: {value}", "§3.2.4 polygon"),
    "ring_short": Kind("error", "多边形至少要四个点，只有{value}个",
         "the polygon needs four points, it has {value}", "§3.2.4 polygon"),
    "ring_open": Kind("error", "多边形首尾不相同", "the polygon is not closed", "§3.2.4 polygon"),
    "ring_range": Kind("error", "坐标超出范围（纬度±90，经度±180）：{value}",
         "coordinates leave latitude ±90, longitude ±180: {value}", "§3.2.4 polygon, §3.3.1"),
    "ring_crosses": Kind("warning", "多边形自相交", "the polygon crosses itself", "§3.2.4 polygon"),
    "ring_unchecked": Kind("info", "多边形过于复杂，未检查自相交",
         "too many points to look for crossings", "own limit"),
    "ring_antimeridian": Kind("info", "多边形跨越180°经线", "the polygon crosses longitude 180", "§3.2.4 polygon"),
    "points_too_many": Kind("error", "坐标点过多（{value}）", "has too many points ({value})", "own limit"),
    "circle_form": Kind("error", "圆不是“纬度,经度 半径”：{value}",
         "the circle is not “lat,lon radius”: {value}", "§3.2.4 circle"),
    "circle_range": Kind("error", "圆心超出范围：{value}",
         "the centre of the circle leaves the world: {value}", "§3.2.4 circle"),
    "circle_radius": Kind("error", "半径不能为负，也不能超过半个地球：{value}",
         "the radius is negative or over half the earth: {value}", "§3.2.4 circle"),
    "height_form": Kind("error", "高度{value}不是数（英尺）",
         "height {value} is no number of feet", "§3.2.4 altitude"),
    "ceiling_alone": Kind("error", "有ceiling就必须有altitude",
         "ceiling may stand only with altitude", "§3.2.4 ceiling"),
    "ceiling_below": Kind("warning", "ceiling低于altitude：{value}",
         "ceiling is below altitude: {value}", "§3.2.4 ceiling"),
    "geocode_alone": Kind("info", "{value}处范围只有geocode，没有多边形或圆",
         "has {value} areas with a geocode but no polygon or circle", "§3.2.4 geocode"),
    "area_words_only": Kind("info", "{value}处范围只有文字描述",
         "has {value} areas told in words only", "§3.2.4 areaDesc"),
}  # fmt: skip

_HOUSE: Final = {
    "house_text": Kind("error", "{value}为空", "{value} is empty", "own rule"),
    "house_instruction": Kind("error", "instruction为空：请写明人们该怎么做",
         "instruction is empty: say what people must do", "own rule"),
    "house_area": Kind("error", "没有范围：请给出多边形、圆或区划代码",
         "has no polygon, circle or geocode", "own rule"),
    "house_expires": Kind("error", "没有失效时间，或早于生效时间",
         "has no end, or ends before it takes effect", "own rule"),
    "house_info": Kind("error", "没有info", "has no info", "own rule"),
    "house_exercise": Kind("error", "演练报文必须在note中写明演练名称",
         "an exercise must name itself in note", "own rule"),
}  # fmt: skip

KINDS: Final[dict[str, Kind]] = {**_DOOR, **_STRUCTURE, **_ALERT, **_INFO, **_AREA, **_HOUSE}


def finding(code: str, path: str, value: str = "", repair: str = "", severity: Severity | None = None) -> Finding:
    """One finding with its words filled in. `severity` overrides the kind's own (older versions of CAP)."""
    kind = KINDS[code]
    shown = value if len(value) <= SHOWN else value[:SHOWN] + "…"
    zh, en = kind.zh.replace("{value}", shown), kind.en.replace("{value}", shown)
    return Finding(code, severity or kind.severity, path, zh, en, repair)
