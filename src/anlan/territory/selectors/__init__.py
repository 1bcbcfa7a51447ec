"""The only readers of this stage's tables."""

from anlan.territory.selectors.division_tree import division_now, division_path, division_rows
from anlan.territory.selectors.divisions import (
    division_children,
    division_get,
    division_names,
    divisions_under,
    map_base,
    point_division,
    point_locate,
    points_division,
    territory_root,
    township_points,
)
from anlan.territory.selectors.holders import (
    HolderRow,
    holders_at_divisions,
    holders_by_divisions,
    holders_of_posts,
    holders_on_duty,
    post_get,
    superiors,
)
from anlan.territory.selectors.registers import duties_list, place_get, places_list, posts_list

__all__ = [
    "HolderRow",
    "division_children",
    "division_get",
    "division_names",
    "division_now",
    "division_path",
    "division_rows",
    "divisions_under",
    "duties_list",
    "holders_at_divisions",
    "holders_by_divisions",
    "holders_of_posts",
    "holders_on_duty",
    "map_base",
    "place_get",
    "places_list",
    "point_division",
    "point_locate",
    "points_division",
    "post_get",
    "posts_list",
    "superiors",
    "territory_root",
    "township_points",
]
