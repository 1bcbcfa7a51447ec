"""The base of every event. An event's docstring is its public documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast, dataclass_transform

import msgspec

KINDS: dict[str, type[Event]] = {}


@dataclass_transform(kw_only_default=True, frozen_default=True)
class _EventMeta(msgspec.StructMeta):
    """Takes `kind` and `version` in the class line and registers the kind once."""

    def __new__(mcs, name: str, bases: Any, namespace: Any, *, kind: str = "", version: int = 1, **rest: Any) -> Any:
        return super().__new__(mcs, name, bases, namespace, frozen=True, kw_only=True, **rest)

    def __init__(cls, *args: Any, kind: str = "", version: int = 1, **rest: Any) -> None:
        cls.kind, cls.version = kind, version
        if not kind:
            return
        known = KINDS.get(kind)
        if known is not None and known.__qualname__ != cls.__qualname__:
            raise TypeError(f"event kind {kind!r} is taken by {known.__qualname__}")
        KINDS[kind] = cast("type[Event]", cls)


class Event(msgspec.Struct, metaclass=_EventMeta):
    """What can happen, as a frozen value: `class SignalOpened(Event, kind="signal.opened", version=1)`."""

    kind: ClassVar[str] = ""
    version: ClassVar[int] = 1

    if TYPE_CHECKING:

        def __init_subclass__(cls, *, kind: str = "", version: int = 1, **rest: Any) -> None: ...
