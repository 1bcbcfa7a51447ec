"""Faults of identifiers, divisions, telephones, references and whole rows."""

from __future__ import annotations

from anlan.territory.engine.fault import Fault

KEYS: dict[str, Fault] = {
    "uscc.length": Fault(
        "统一社会信用代码应为18位，现为{chars}位",
        "a credit code has 18 characters, this has {chars}",
        "对照营业执照补全；没有统一代码的老单位填“原注册号”",
        "Copy it from the business licence; a unit without one has its old registration number",
    ),
    "uscc.letter": Fault(
        "统一社会信用代码含有不使用的字符（I、O、S、V、Z等）",
        "the credit code has a character that is not used (I, O, S, V, Z or other)",
        "多为1与I、0与O、5与S、2与Z混淆；对照营业执照改正",
        "Mostly 1 for I, 0 for O, 5 for S, 2 for Z; correct it from the business licence",
    ),
    "uscc.check": Fault(
        "统一社会信用代码校验位不符",
        "the credit code's check character doesn't fit",
        "有一位写错；对照营业执照改正",
        "One character is wrong; correct it from the business licence",
    ),
    "uscc.precision": Fault(
        "统一社会信用代码被表格软件当作数字，末几位已丢失",
        "the spreadsheet took the credit code for a number and lost its last digits",
        "把该列设为“文本”格式后重新填写",
        "Set the column to “text” and enter the code again",
    ),
    "uscc.org_check": Fault(
        "统一社会信用代码中的组织机构代码（第9至17位）校验位不符",
        "the organisation code in characters 9 to 17 doesn't check",
        "对照营业执照改正第9至17位",
        "Correct characters 9 to 17 from the business licence",
    ),
    "uscc.kind": Fault(
        "统一社会信用代码前8位（登记部门、类别、区划）不成立",
        "the credit code's first 8 characters (department, type, area) can't be",
        "对照营业执照改正前8位",
        "Correct the first 8 characters from the business licence",
    ),
    "key.missing": Fault(
        "统一社会信用代码与原注册号都为空",
        "credit code and old registration number are both empty",
        "至少填写一项",
        "Fill in one of them",
    ),
    "key.twice": Fault(
        "与第{first}行编号相同而内容不同",
        "row {first} has the same key with other contents",
        "核对两行，只留一行，或改正编号",
        "Compare both rows; keep one, or correct the key",
    ),
    "key.same_row": Fault(
        "与第{first}行完全相同",
        "the same as row {first}",
        "已只收一次，可删除本行",
        "Taken once; this row may be deleted",
        fatal=False,
    ),
    "key.elsewhere": Fault(
        "此编号属于管辖范围以外的记录",
        "this key belongs to a row outside your area",
        "核对编号；如已迁入，由上级办理",
        "Check the key; if it has moved here, ask the level above",
    ),
    "key.merged": Fault(
        "此编号的记录已并入另一记录",
        "the row with this key was merged into another",
        "改用保留记录的编号",
        "Use the key of the row that was kept",
    ),
    "division.form": Fault(
        "不是行政区划代码",
        "not a division code",
        "填12位统计用区划代码，或到乡镇的9位",
        "Give the 12-digit statistical code, or 9 digits to the township",
    ),
    "division.unknown": Fault(
        "没有这个行政区划代码",
        "there is no such division",
        "查区划表，填现行代码；最近的已知上级是{near}",
        "Look it up in the list of divisions; the nearest known one above is {near}",
    ),
    "division.old": Fault(
        "行政区划代码已于{ended}停用",
        "the division code ended on {ended}",
        "改用{successor}（{name}）",
        "Use {successor} ({name})",
    ),
    "division.coarse": Fault(
        "区划只到{level}级",
        "the division goes no further than {level_en}",
        "请补到乡镇（街道）或村（社区）",
        "Give the township or village",
        fatal=False,
    ),
    "division.outside": Fault(
        "不在您的管辖范围内",
        "outside your area",
        "交由该地上传，或改正代码",
        "Leave it to the office there, or correct the code",
    ),
    "industry.form": Fault(
        "不是行业代码",
        "not an industry code",
        "填 GB/T 4754 门类字母加2至4位数字，如 C2614",
        "Give the section letter of GB/T 4754 and 2 to 4 digits, as C2614",
    ),
    "industry.section": Fault(
        "门类字母与大类不符，应为{section}",
        "the section letter doesn't fit the division; it should be {section}",
        "改为{mended}",
        "Change it to {mended}",
    ),
    "industry.unknown": Fault(
        "没有这个行业大类",
        "there is no such industry division",
        "对照 GB/T 4754—2017 改正",
        "Correct it from GB/T 4754—2017",
    ),
    "phone.letter": Fault(
        "电话含有文字",
        "the telephone holds words",
        "只填号码；多个号码分填两列",
        "Give the number only; a second one has its own column",
    ),
    "phone.length": Fault(
        "手机号应为11位，现为{chars}位",
        "a mobile has 11 digits, this has {chars}",
        "补全或改正号码",
        "Complete or correct it",
    ),
    "phone.form": Fault(
        "不是手机、固话或短号码",
        "neither mobile, landline nor short number",
        "手机11位；固话写成 0530-5612345",
        "11 digits for a mobile; 0530-5612345 for a landline",
    ),
    "citizen.length": Fault(
        "公民身份号码应为18位，现为{chars}位",
        "a citizen number has 18 characters, this has {chars}",
        "对照证件改正",
        "Correct it from the card",
    ),
    "citizen.old": Fault(
        "15位旧身份证号码已停用",
        "15-digit citizen numbers are no longer in use",
        "填18位号码",
        "Give the number of 18",
    ),
    "citizen.letter": Fault(
        "公民身份号码含有不使用的字符",
        "the citizen number has a character that is not used",
        "前17位为数字，末位为数字或X",
        "17 digits, then a digit or X",
    ),
    "citizen.date": Fault(
        "公民身份号码中的出生日期不存在",
        "the date of birth in the citizen number doesn't exist",
        "对照证件改正第7至14位",
        "Correct characters 7 to 14 from the card",
    ),
    "citizen.check": Fault(
        "公民身份号码校验位不符",
        "the citizen number's check character doesn't fit",
        "有一位写错；对照证件改正",
        "One character is wrong; correct it from the card",
    ),
    "reference.unknown": Fault(
        "没有这个{what}",
        "there is no such {what_en}",
        "填已登记的编号或全称；未登记的先登记",
        "Give the code or full name of one in the register, or enter it there first",
    ),
    "reference.many": Fault(
        "有{many}个{what}叫这个名称",
        "{many} are called so",
        "改填编号，如 {code}",
        "Give the code, as {code}",
    ),
    "row.example": Fault(
        "模板中的示例行",
        "the example row of the template",
        "已跳过，可删除",
        "Left out; it may be deleted",
        fatal=False,
    ),
    "row.wide": Fault(
        "本行的列比表头多",
        "this row has more cells than the heading",
        "检查分隔符与引号",
        "Check separators and quotes",
    ),
}
