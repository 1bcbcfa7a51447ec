"""What the worker does by itself: the reactions to everything that happened. Run as a program, for nodes without a worker."""

from __future__ import annotations

import django

django.setup()

from anlan.kernel.journal import seal
from anlan.kernel.journal.reactor import run_until_quiet


def main() -> None:
    """React to all of it."""
    run_until_quiet(strict=True)
    seal()


if __name__ == "__main__":
    main()
