"""Papers of every form for the tests, with people and places that are roles only."""

from __future__ import annotations

from datetime import date

import msgspec

from anlan.response.engine.paper import Card, Number, Paper, Paragraph, Table

BODY = "各单位要立即进入应急状态严格执行关降停撤拆措施坚决避免群死群伤确保人民群众生命财产安全"


def notice(**changed: object) -> Paper:
    """A notice with every part GB/T 9704 knows."""
    paper = Paper(
        form="document", language="zh", organ="郑州市防汛抗旱指挥部文件", title="郑州市防汛抗旱指挥部关于启动防汛Ⅰ级应急响应的通知",
        number=Number("郑防指", 2021, 7), copy_no=12, secrecy="内部", secrecy_period="1年", urgency="特急",
        signers=("指挥长",), addressee="各县（市、区）防汛抗旱指挥部，市防指各成员单位",
        blocks=(
            Paragraph("2021年7月20日16时01分，郑州市气象台发布暴雨红色预警信号：未来3小时降水量将达100毫米以上。依据《郑州市防汛应急预案》，"
                      "经会商研判，市防汛抗旱指挥部决定自2021年7月20日16时30分起启动防汛Ⅰ级应急响应。现就有关事项通知如下：", key="basis"),
            Paragraph("响应要求", level=1), Paragraph("组织指挥", level=2), Paragraph(BODY * 8),
            Paragraph("转移避险", level=2), Paragraph(BODY * 9), Paragraph("第一批转移", level=3), Paragraph(BODY * 3),
            Paragraph("低洼院落", level=4), Paragraph(BODY * 3), Paragraph("信息报送", level=1), Paragraph(BODY * 8),
            Table(("单位", "任务", "时限"), (("城市管理局", "关闭下穿隧道", "20分钟"), ("地铁集团", "停运", "10分钟")), "表1 重点任务"),
        ),
        attachments=("成员单位联系表", "转移清单"), signed_by="郑州市防汛抗旱指挥部", dated=date(2021, 7, 20),
        note="联系人：值班室", cc=("省防汛抗旱指挥部", "市委办公厅", "市政府办公厅"), printer="郑州市防汛抗旱指挥部办公室",
        printed=date(2021, 7, 20),
    )  # fmt: skip
    return msgspec.structs.replace(paper, **changed)


def flash() -> Paper:
    """A duty flash of one page."""
    return Paper(
        form="bulletin", language="zh", organ="值班快报", number=Number("快报", 2021, 3), signed_by="郑州市应急管理局", dated=date(2021, 7, 20),
        signers=("值班局长",), title="京广北路隧道被淹6人死亡，抽排救援正在进行",
        blocks=(Paragraph("7月20日17时40分，京广北路隧道水位突涨被淹。截至21日8时，造成6人死亡（来源：市应急局续报第3号）。"), Paragraph(BODY * 2)),
        cc=("市委办公厅", "市政府办公厅"),
    )  # fmt: skip


def card(post: str = "隧道值班员") -> Card:
    """A post's card."""
    return Card(
        post, "积水深达到15厘米，或接到暴雨红色预警", ("立即关闭隧道入口，放下栏杆", "引导车辆掉头，清点隧道内人员", "先关后报，5分钟内报告"),
        ("城市管理局值班室：电话、电台各报一次", "市防办值班室"), ("不等批准", "不下水涉险"), "隧道入口岗亭", "https://anlan.example/card/1",
    )  # fmt: skip
