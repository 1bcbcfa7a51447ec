"""The only writers of this stage's tables."""

from anlan.territory.services.generating import Generated, generate, profile_summary
from anlan.territory.services.laying import Order
from anlan.territory.services.people import person_unmask

__all__ = ["Generated", "Order", "generate", "person_unmask", "profile_summary"]
