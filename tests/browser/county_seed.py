"""The small territory in an empty database, outside any exercise. Run as a program."""

from __future__ import annotations

import django

django.setup()

from anlan.kernel.actor import Actor


def main() -> None:
    """Lay it down."""
    from anlan.territory.services import generate

    generate("tiny", 7, by=Actor.system("test"))


if __name__ == "__main__":
    main()
