"""This database's identity."""

from __future__ import annotations

from django.db import transaction

from anlan import __version__
from anlan.kernel import ids
from anlan.kernel.models import NodeState
from anlan.kernel.options import options


@transaction.atomic
def node_state() -> NodeState:
    """Return the identity row; made on first use."""
    state, _ = NodeState.objects.get_or_create(id=1, defaults={"node": options.node, "version": __version__})
    return state


@transaction.atomic
def database_renew() -> NodeState:
    """Give the database a new identity after a restore, so that the copy can't pass for its past."""
    state = node_state()
    state.database = ids.new_id()
    state.save(update_fields=["database"])
    return state
