"""2,461 townships report the same disaster in the same minute by the API, undisturbed and under kill -9 of web and worker.

The server, the database and the node are the bench's own. Counted: seconds until the last report is confirmed, and until
the sums of every county, the cities and the province are exact. `--townships N` for another number.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

TOWNSHIPS, KILLS = 2461, 4


def main(words: list[str]) -> None:
    """Measure on a server that is there (this file starts itself for that), else make one first."""
    from anlan.site.bench import own_server, parts_run, publish, rows_leave, table

    if words[:1] == ["parts"]:
        rows_leave(Path(words[1]), parts(Path(words[1]), int(words[2]), kills=int(words[3])))
        return

    count = words[words.index("--townships") + 1] if "--townships" in words else str(TOWNSHIPS)
    rows = []
    for kills in (0, KILLS):
        with own_server() as (folder, env):
            rows += parts_run(__file__, folder, env, count, str(kills))
    note = (
        f"{int(count):,} townships of 18 cities and 157 counties, six connections, one report each with seven figures;"
        " PostgreSQL with fsync on; every 50th sends contradictory figures first and is refused. Web and worker are killed"
        " in turn while they report and started again at once; whoever got no answer sends again."
    )
    heads = ("", "taken (s)", "rolled up and checked (s)", "reports a second", "sent again", "lost or wrong", "bar")
    publish(
        table("reports", "All townships report at once", heads, rows, note=note), "reports", write="--write" in words
    )


def parts(folder: Path, count: int, *, kills: int) -> list[tuple[str, ...]]:
    """Lay down the land, start a node, let everybody report, count."""
    import django

    django.setup()
    from django.core.management import call_command

    from anlan.site.database import prepare
    from anlan.site.postgres import Server
    from tests.faults.reports_kill import Node, land_laid, play

    call_command("migrate", verbosity=0)
    web = prepare(Server(folder / "home")).web
    land = land_laid(count)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    node = Node(Path(os.environ["ANLAN_HOME"]), os.environ["ANLAN_DATABASE_URL"], port, web)
    try:
        outcome = play(node, land, kills=kills)
    finally:
        node.stop()
    wrong = outcome.faults()
    print(outcome.kills, f"{outcome.taken_s:.2f} {outcome.rolled_s:.2f}", wrong, file=sys.stderr)
    words = "undisturbed" if not kills else f"{kills} × kill -9"
    return [(words, f"{outcome.taken_s:.1f}", f"{outcome.rolled_s:.1f}", f"{count / outcome.taken_s:.0f}",
             str(outcome.again), str(len(wrong)), "≤ 30")]  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
