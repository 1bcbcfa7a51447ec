"""Codes of gaps, checks and likenesses: what care of the registers is about."""

from __future__ import annotations

from anlan.territory.choices import Choice, indexed

GAP_KINDS = indexed(
    Choice("no_a", "无A角", "No A holder"),
    Choice("no_b", "缺B角", "No B holder"),
    Choice("holder_left", "任职人已离岗", "Holder has left"),
    Choice("no_post", "应设岗位未设", "Post not set up"),
    Choice("phone_missing", "无电话", "No telephone"),
    Choice("phone_bad", "电话号码有误", "Telephone ill-formed"),
    Choice("contact_stale", "久未核对", "Contact not checked for long"),
    Choice("contact_unconfirmed", "年度核对未确认", "Not confirmed in the yearly round"),
)

CHECKS = indexed(
    Choice("phone_missing", "无电话", "No telephone"),
    Choice("phone_bad", "电话号码有误", "Telephone ill-formed"),
    Choice("phone_shared", "多行共用一个电话", "One telephone for many"),
    Choice("point_missing", "无坐标", "No point"),
    Choice("point_outside", "坐标不在所属区划", "Outside its division"),
    Choice("point_datum", "坐标系疑误", "Datum mistaken"),
    Choice("division_unknown", "区划代码不存在", "Division unknown"),
    Choice("division_old", "区划代码已停用", "Division abolished"),
    Choice("uscc_bad", "统一社会信用代码有误", "Credit code ill-formed"),
    Choice("uscc_missing", "无统一社会信用代码", "No credit code"),
    Choice("industry_missing", "无行业代码", "No industry"),
    Choice("industry_unknown", "行业代码不存在", "Industry unknown"),
    Choice("regulator_missing", "无牵头主管部门", "No lead regulator"),
    Choice("licence_expired", "许可证过期", "Licence expired"),
    Choice("certificate_expired", "证书过期", "Certificate expired"),
    Choice("organisation_missing", "无管理单位", "No organisation"),
)

LIKENESSES = indexed(
    Choice("organisation", "组织机构代码相同", "Same organisation code"),
    Choice("citizen", "身份号码相同", "Same citizen number"),
    Choice("name", "名称相同", "Same name"),
    Choice("alike", "名称相近", "Name alike"),
    Choice("phone", "电话相同", "Same telephone"),
    Choice("address", "地址相同", "Same address"),
    Choice("near", "位置相近", "Close together"),
    Choice("kind", "类别相同", "Same kind"),
)
