"""One import in a process of its own, to be killed: `python -m tests.faults.importing FILE` or `... BATCH`."""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import UUID


def main(what: str) -> None:
    """Open and run an import of units, or go on with one."""
    import django

    django.setup()
    from anlan.kernel.actor import Actor
    from anlan.kernel.problem import Conflict
    from anlan.territory.services import imports as act

    path = Path(what)
    if path.exists():
        batch = act.import_open(
            by=Actor.system("test"), register="units", file_name=path.name, source=path, options={"apply": True}
        )
        print(batch.pk, flush=True)
        act.import_check(by=Actor.system("test"), batch=batch.pk)
        return
    for _ in range(100):  # the dead one's connection may take a moment to be noticed
        try:
            act.import_run(UUID(what))
            return
        except Conflict:
            import time

            time.sleep(0.1)
    raise SystemExit("still locked")


if __name__ == "__main__":
    main(sys.argv[1])
