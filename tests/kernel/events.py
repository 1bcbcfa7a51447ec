"""An event for the kernel's own tests."""

from anlan.kernel.journal import Event


class Made(Event, kind="test.made"):
    """Something was made. name: what."""

    name: str
