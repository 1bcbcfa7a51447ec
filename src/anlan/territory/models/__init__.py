"""Tables of the territory, by noun."""

from anlan.territory.models.divisions import Boundary, CodeChange, Division, Edition, Generation
from anlan.territory.models.imports import Import, ImportIssue, ImportMapping, SavedView
from anlan.territory.models.organisations import Organisation, Post
from anlan.territory.models.people import Appointment, Certificate, ContactRound, Duty, Gap, Person, Shift, Skill
from anlan.territory.models.places import Downstream, Place
from anlan.territory.models.quality import Finding, Hold, MergeProposal
from anlan.territory.models.units import Kept, Licence, MajorHazard, Unit, current_act

__all__ = [
    "Appointment",
    "Boundary",
    "Certificate",
    "CodeChange",
    "ContactRound",
    "Division",
    "Downstream",
    "Duty",
    "Edition",
    "Finding",
    "Gap",
    "Generation",
    "Hold",
    "Import",
    "ImportIssue",
    "ImportMapping",
    "Kept",
    "Licence",
    "MajorHazard",
    "MergeProposal",
    "Organisation",
    "Person",
    "Place",
    "Post",
    "SavedView",
    "Shift",
    "Skill",
    "Unit",
    "current_act",
]
