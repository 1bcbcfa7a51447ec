"""Everything that changes divisions, in one place to import from; the work is done in the modules beside."""

from anlan.territory.services.boundaries import Fit, boundaries_fit, boundary_import, check_tolerance, division_rehome
from anlan.territory.services.decisions import change_decide, changes_decide
from anlan.territory.services.edition_apply import Applied, edition_apply
from anlan.territory.services.editions import edition_open, edition_withdraw

__all__ = [
    "Applied",
    "Fit",
    "boundaries_fit",
    "boundary_import",
    "change_decide",
    "changes_decide",
    "check_tolerance",
    "division_rehome",
    "edition_apply",
    "edition_open",
    "edition_withdraw",
]
