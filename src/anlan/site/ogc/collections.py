"""The layers there are: what each is called, what can be asked of it, and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.risk.selectors import SURVEY_FILTERS, survey_feature, survey_features
from anlan.site.ogc.asking import Asked
from anlan.territory.engine.query import Query
from anlan.territory.selectors.features import (
    Feature,
    Features,
    division_feature,
    division_features,
    feature_fields,
    post_feature,
    post_features,
    register_feature,
    register_features,
)


class Pages(Protocol):
    """Reads one page of a layer."""

    def __call__(self, scope: Scope, query: Query, *, after: str, limit: int) -> Features:
        """Return the page after `after`."""


@dataclass(frozen=True)
class Layer:
    """One collection: its id and words, the field `datetime` asks about ("" where rows have no time), its readers."""

    name: str
    zh: str
    en: str
    about_zh: str
    about_en: str
    fields: Mapping[str, str]
    page: Pages
    one: Callable[[Scope, str], Feature]
    moment: str = ""

    def read(self, scope: Scope, asked: Asked) -> Features:
        """Return the page that was asked for."""
        between = {self.moment: asked.span} if asked.span and self.moment else {}
        query = Query(q=asked.q, filters=asked.filters, between=between, bbox=asked.bbox)
        return self.page(scope, query, after=asked.after, limit=asked.limit)


def _register(name: str, zh: str, en: str, about_zh: str, about_en: str, moment: str = "") -> Layer:
    def page(scope: Scope, query: Query, *, after: str, limit: int) -> Features:
        return register_features(scope, name, query, after=after, limit=limit)

    def one(scope: Scope, key: str) -> Feature:
        return register_feature(scope, name, key)

    return Layer(name, zh, en, about_zh, about_en, feature_fields(name), page, one, moment)


LAYERS: dict[str, Layer] = {
    layer.name: layer
    for layer in (
        _register(
            "units", "生产经营单位", "Production units", "生产经营单位，个人信息已遮盖。时间按更新时间。",
            "Production units, personal data masked. Times are those of the last update.", "updated_at",
        ),
        _register("places", "重点部位", "Places", "学校、水库、隧道等重点部位与设施。",
                  "Schools, reservoirs, tunnels and other places where people can come to harm."),
        Layer("divisions", "行政区划", "Divisions", "五级行政区划与功能区；有边界的给边界，其余给点。时间按有效期。",
              "Divisions of five levels and functional zones, with outlines where known. Times are those of validity.",
              feature_fields("divisions"), division_features, division_feature, "valid"),
        Layer("posts", "岗位", "Posts", "责任岗位，位于其部位或所在区划的点。",
              "Posts with a duty, at the point of their place or else of their division.",
              feature_fields("posts"), post_features, post_feature),
        Layer("survey_records", "风险普查记录", "Survey records", "风险普查的八类记录。时间按普查日期。",
              "Records of the risk survey in its eight categories. Times are those of the survey.",
              dict.fromkeys(SURVEY_FILTERS, "string"), survey_features, survey_feature, "surveyed_on"),
    )
}  # fmt: skip


def layer(name: str) -> Layer:
    """Return a layer; NotFound when there is none of that name."""
    if name not in LAYERS:
        raise NotFound(
            code="ogc.no_collection",
            zh=f"没有图层“{name}”；可用：{'、'.join(LAYERS)}。",
            en=f"There is no collection “{name}”; take one of: {', '.join(LAYERS)}.",
            field="collection",
            value=name,
        )
    return LAYERS[name]


def words(found: Layer, chinese: bool) -> dict[str, Any]:
    """Return title and description in one language."""
    return {
        "title": found.zh if chinese else found.en,
        "description": found.about_zh if chinese else found.about_en,
    }
