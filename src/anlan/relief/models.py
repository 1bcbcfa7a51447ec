"""Tables of the relief stage."""

from __future__ import annotations

from django.db import models

from anlan.kernel.models import Row
from anlan.relief import choices
from anlan.territory.models import Place


class StockItem(Row):
    """One lot of one item in one depot (物资批次). `item` is a code of the norms (`rules/norms.yaml`)."""

    code = models.CharField(max_length=64, unique=True, db_collation="C")
    depot = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="stock")
    item = models.CharField(max_length=24)
    quantity = models.IntegerField()
    unit = models.CharField(max_length=8)
    holding = models.CharField(max_length=16)
    state = models.CharField(max_length=12, default="available")
    produced_on = models.DateField(null=True)
    expires_on = models.DateField(null=True, db_index=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(quantity__gte=0), name="stock_quantity"),
            models.CheckConstraint(condition=models.Q(state__in=list(choices.STOCK_STATES)), name="stock_state"),
        )
        indexes = (models.Index(fields=["item", "state", "division"]),)
