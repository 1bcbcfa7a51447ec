"""On-site command on live pages: state plus frames equals a refetch; the database keeps the scope."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection

from anlan.kernel import live
from anlan.kernel.journal import head, seal
from anlan.kernel.options import options
from anlan.kernel.scope import Scope, activate
from anlan.response import services as do
from anlan.response.models import CommandPost
from anlan.response.selectors.live_command import WINDOW
from tests.response.command_scene import COUNTY, county, desk, minute, team
from tests.response.scene import SCENE, person

pytestmark = pytest.mark.django_db
WHOLE = Scope.whole()


# --- the feed, the scope -------------------------------------------------------------------------------------------------


def busy(post: CommandPost) -> None:
    """A little of everything at a command post, with more entries than the live window holds."""
    do.command_take(by=county(), command_post=post.pk, post=f"{COUNTY}.commander", at=minute(15))
    row = team(post)
    do.team_move(by=desk(), team=row.pk, inward=True, heads=7, at=minute(24))
    team(post, "迟到队", accept=False)
    for n in range(WINDOW + 5):
        do.log_write(
            by=desk(), command_post=post.pk, kind="radio", text=f"{n}", channel="radio", at=minute(26 + n / 60)
        )
    asked = do.log_write(by=desk(), command_post=post.pk, kind="request", text="调泵", at=minute(31))
    do.log_write(by=desk(), command_post=post.pk, kind="note", text="已答复", answers=asked.pk, at=minute(32))
    term = do.command_offer(by=county(), command_post=post.pk, post="4101.commander", situation="稳定", at=minute(33))
    do.command_accept(by=person("4101.commander", "decider"), term=term.pk, at=minute(34))
    do.withdraw_order(by=desk(), command_post=post.pk, reason="渗水", at=minute(35))
    do.team_move(by=desk(), team=row.pk, inward=False, heads=7, at=minute(36))


@pytest.mark.parametrize("scope", [WHOLE, Scope((COUNTY,)), Scope(("410182109",)), Scope(("410181",))])
def test_state_plus_frames_equals_a_refetch(flood, scope) -> None:
    seal()
    state = live.state(scope)
    items, seq = state["items"], state["seq"]
    one = do.command_post_set_up(by=SCENE, incident=flood.pk, at=minute(10))
    busy(one)
    seal()
    upto = head()[0]
    while seq < upto:
        step = min(seq + 60, upto)
        frame = live.frame(scope, seq, step)
        assert frame is not None
        live.merge(items, frame)
        seq = step
    fresh = live.state(scope)["items"]
    ours = ("commandpost", "commandlog", "teamintake", "leader", "incident")
    assert {name: items[name] for name in ours} == {name: fresh[name] for name in ours}
    assert len(fresh["commandlog"]) == (WINDOW if scope.covers(COUNTY) else 0)
    assert bool(fresh["commandpost"]) == scope.sees(COUNTY)


def test_the_web_role_reads_and_writes_in_its_scope_only(post) -> None:
    team(post)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE anlan_web")
        activate(Scope(("410181",)), options.secret_key)
        for table in ("commandpost", "commandgroup", "commandlogentry", "teamintake", "commanderterm"):
            cursor.execute(f"SELECT count(*) FROM response_{table}")
            assert cursor.fetchone()[0] == 0, table
        cursor.execute("UPDATE response_commandgroup SET channel = 'x'")
        assert cursor.rowcount == 0
        activate(Scope((COUNTY,)), options.secret_key)
        cursor.execute("SELECT count(*) FROM response_commandlogentry")
        assert cursor.fetchone()[0] >= 2
    row = do.log_write(by=desk(), command_post=post.pk, kind="note", text="网页写入", at=minute(40))
    assert isinstance(row.pk, UUID)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE response_commandgroup SET channel = 'x'")
        assert cursor.rowcount == 14
        cursor.execute("RESET ROLE")
