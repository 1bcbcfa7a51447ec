"""Faults of plain values: texts, lists to choose from, numbers, dates, points."""

from __future__ import annotations

from anlan.territory.engine.fault import Fault

VALUES: dict[str, Fault] = {
    "required": Fault(
        "必填项为空",
        "a required cell is empty",
        "填写“{column}”",
        "Fill in “{column}”",
    ),
    "too_long": Fault(
        "文字超长（{chars}字，上限{most}字）",
        "the text is too long ({chars} of at most {most} characters)",
        "缩短到{most}字以内",
        "Shorten it to {most} characters",
    ),
    "text.control": Fault(
        "含控制字符",
        "the text holds control characters",
        "删除不可见字符后重新填写",
        "Type it anew without invisible characters",
    ),
    "code.form": Fault(
        "编号含空格或不可用字符",
        "the code holds spaces or signs that may not be in it",
        "只用字母、数字和 . - _ | : / #",
        "Use letters, digits and . - _ | : / # only",
    ),
    "choice.unknown": Fault(
        "不是可选的值",
        "not one of the choices",
        "可填：{choices}",
        "Take one of: {choices_en}",
    ),
    "flags.unknown": Fault(
        "“{part}”不是可选的标志",
        "“{part}” is not one of the flags",
        "可填：{choices}；多项用分号隔开",
        "Take of: {choices_en}; separate several by semicolons",
    ),
    "number.form": Fault(
        "不是数字",
        "not a number",
        "只填数字，不带文字和单位",
        "Give digits only, no words and units",
    ),
    "number.whole": Fault(
        "应为整数",
        "not a whole number",
        "填整数",
        "Give a whole number",
    ),
    "number.range": Fault(
        "超出范围（{least}至{most}）",
        "out of range ({least} to {most})",
        "核对后改正",
        "Check and correct it",
    ),
    "date.form": Fault(
        "不是日期",
        "not a date",
        "填成 2024-01-05 的形式",
        "Write it as 2024-01-05",
    ),
    "date.real": Fault(
        "没有这一天",
        "there is no such day",
        "核对年月日",
        "Check year, month and day",
    ),
    "date.range": Fault(
        "日期不合常理",
        "the date can't be",
        "填1900年至2200年之间的日期",
        "Give a date between 1900 and 2200",
    ),
    "date.future": Fault(
        "日期在未来",
        "the date lies in the future",
        "核对年份",
        "Check the year",
        fatal=False,
    ),
    "degrees.form": Fault(
        "不是经纬度",
        "not a degree of longitude or latitude",
        "填十进制度，如 115.48054",
        "Give decimal degrees, as 115.48054",
    ),
    "point.half": Fault(
        "经纬度只有一半",
        "longitude without latitude or the other way round",
        "两项都填，或都空着",
        "Give both, or neither",
    ),
    "point.swapped": Fault(
        "经度与纬度填反了",
        "longitude and latitude are exchanged",
        "互换两列的值",
        "Exchange the two values",
    ),
    "point.range": Fault(
        "经纬度超出范围",
        "the degrees are out of range",
        "经度-180至180，纬度-90至90",
        "Longitude -180 to 180, latitude -90 to 90",
    ),
    "point.outside": Fault(
        "坐标离所填区划约{km}公里",
        "the point lies about {km} km away from the division given",
        "核对坐标或区划代码",
        "Check the point or the division code",
        fatal=False,
    ),
    "point.gcj": Fault(
        "坐标疑似 GCJ-02（火星坐标）",
        "the points look like GCJ-02 rather than WGS-84",
        "导入时选择坐标系 GCJ-02，由系统换算",
        "Choose GCJ-02 as the datum of this import; it is converted",
        fatal=False,
    ),
    "point.zero": Fault(
        "坐标为0",
        "the point is 0, 0",
        "未测量时请空着",
        "Leave it empty where nothing was measured",
    ),
    "attributes.unknown": Fault(
        "该类别没有这项属性",
        "this kind has no such attribute",
        "见模板中该类别的列",
        "See the columns of this kind in the template",
        fatal=False,
    ),
    "masked": Fault(
        "这是遮盖后的内容，不是原值",
        "this is a masked value, not the value itself",
        "填完整内容；或空着，原值保持不变",
        "Give it in full; or leave it empty, and what is there stays",
    ),
}
