"""Profiles of CAP (CAP 应用规范): what a country or service asks beyond the standard, as rule packs, and one checker.

`check(alert, names)` is what callers need. The packs stand beside this file as YAML with source, issuer, validity and
mark; a bureau's own pack is read with `load`.
"""

from anlan.warning.formats.profiles.checking import profile_check
from anlan.warning.formats.profiles.packs import check, load, names, profile
from anlan.warning.formats.profiles.values import Profile, Rule

__all__ = ["Profile", "Rule", "check", "load", "names", "profile", "profile_check"]
