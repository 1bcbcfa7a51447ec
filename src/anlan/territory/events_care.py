"""What can happen to people, posts and the registers' care. No event carries a name, a telephone or an identity number:
the journal is for ever, personal data is not."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from anlan.kernel.journal import Event


class PersonSaved(Event, kind="person.saved"):
    """A person was entered or changed (人员信息). new: entered just now; fields: names of what was changed."""

    person: UUID
    new: bool
    fields: list[str]


class PersonLeft(Event, kind="person.left"):
    """A person left the service (人员离岗). reason: why; on: last day; ended: appointments that ended; shifts: turns
    cancelled."""

    person: UUID
    on: date
    ended: int
    shifts: int
    reason: str


class PostSaved(Event, kind="post.saved"):
    """A post was made or changed (岗位). code: its code; new: made just now; fields: names of what was changed."""

    post: UUID
    code: str
    new: bool
    fields: list[str]


class Appointed(Event, kind="post.appointed"):
    """Somebody was appointed to a post (任职). post, person: which and who; on: from which day; holder: A or B;
    before: who held it until then, if anybody."""

    post: UUID
    person: UUID
    holder: str
    on: date
    before: UUID | None = None


class AppointmentEnded(Event, kind="post.vacated"):
    """A post was left without its holder (岗位空缺). post, person: which and who; on: from which day; holder: A or B;
    reason: why."""

    post: UUID
    person: UUID
    holder: str
    on: date
    reason: str


class ShiftPlanned(Event, kind="shift.planned"):
    """A turn of duty was put on the roster (排班). shift: the turn; post, person: where and who; holder: A or B;
    starts_at,
    ends_at: from when to when."""

    shift: UUID
    post: UUID
    person: UUID
    holder: str
    starts_at: datetime
    ends_at: datetime


class ShiftCancelled(Event, kind="shift.cancelled"):
    """A turn of duty was taken off the roster (取消排班). shift, post: which turn, at which post; reason: why."""

    shift: UUID
    post: UUID
    reason: str


class ShiftsPlanned(Event, kind="shifts.planned"):
    """Many turns of duty were put on the roster at once (批量排班). count; posts: codes; starts_at, ends_at: of the first and
    the last; sha256: over post, holder, person and times of each, in order of time.
    """

    count: int
    posts: list[str]
    starts_at: datetime
    ends_at: datetime
    sha256: str


class ShiftsCancelled(Event, kind="shifts.cancelled"):
    """Many turns of duty were taken off the roster at once (批量取消排班). count; posts: codes; reason: why; sha256: over the
    turns' ids, in order.
    """

    count: int
    posts: list[str]
    reason: str
    sha256: str


class CertificateSaved(Event, kind="certificate.saved"):
    """A certificate was entered or renewed (证书). person: whose; certificate_kind: which; expires_on: until when it
    holds."""

    person: UUID
    certificate: UUID
    certificate_kind: str
    expires_on: date | None


class SkillsSet(Event, kind="person.skills_set"):
    """What a person can do was set (技能). codes: all skills from now on."""

    person: UUID
    codes: list[str]


class Looked(Event, kind="territory.looked"):
    """The daily look at the net of duty, licences and contacts (每日巡检).

    opened, closed, open: gaps by kind; left: gaps found but not opened this time, the look being bounded;
    reminders: licences reminded by days before expiry; expired: licences that expired; rounds: contact rounds
    reminded; purged: people purged; sha256: over the gaps opened and closed, in order; licences: over the licences,
    in order.
    """

    opened: dict[str, int]
    closed: dict[str, int]
    open: dict[str, int]
    left: int
    reminders: dict[str, int]
    expired: int
    rounds: int
    purged: int
    sha256: str
    licences: str


class ContactRoundOpened(Event, kind="contacts.round_opened"):
    """The yearly renewal of a division's contacts began (联系人年度核对). year: which; due_on: until when; people: how
    many."""

    year: int
    due_on: date
    people: int


class ContactsConfirmed(Event, kind="contacts.confirmed"):
    """People's contacts were checked (联系方式核对). people: how many; changed: telephones that were new; sha256: over
    the people's ids, in order."""

    people: int
    changed: int
    sha256: str


class ContactReminder(Event, kind="contacts.reminded"):
    """A division's desk was reminded of contacts not yet checked (核对提醒). year: of the
    round; post: the desk, if there is one; days: left
    until the due day; missing: people not yet checked."""

    year: int
    days: int
    missing: int
    people: int
    post: UUID | None


class ContactRoundClosed(Event, kind="contacts.round_closed"):
    """The yearly renewal ended (核对截止). year: which; people: how many in all; missing: people not checked, who are
    gaps now."""

    year: int
    people: int
    missing: int


class RegulatorsAssigned(Event, kind="units.regulators_assigned"):
    """Lead regulators were assigned by rule (三管三必须). rules_version: of the rule pack; rules: units by rule;
    changed: rows
    written; unassigned: units by reason; sha256: over the rows written, in order of their keys."""

    rules_version: str
    units: int
    changed: int
    rules: dict[str, int]
    unassigned: dict[str, int]
    sha256: str


class RegulatorSet(Event, kind="unit.regulator_set"):
    """A person set a unit's lead regulator by hand (指定主管部门): the rules leave it alone from now on. organisation:
    None gives it back to the rules; reason: why."""

    unit: UUID
    organisation: UUID | None
    reason: str


class LicenceSaved(Event, kind="licence.saved"):
    """A licence was entered (许可证登记). unit: whose; licence_kind: which; expires_on: until when; replaces: the
    licence it renews, if any."""

    licence: UUID
    unit: UUID
    licence_kind: str
    expires_on: date | None
    replaces: UUID | None = None


class LicenceRevoked(Event, kind="licence.revoked"):
    """A licence was revoked (吊销许可证). licence, unit: which and whose; reason: why."""

    licence: UUID
    unit: UUID
    reason: str


class HazardSaved(Event, kind="hazard.saved"):
    """A major hazard source was entered or graded anew (重大危险源). hazard, unit: which and whose; r: its R; grade: 1
    to 4, 0 none; rules_version: of
    the tables it was graded by."""

    hazard: UUID
    unit: UUID
    r: float
    grade: int
    rules_version: str


class HoldPlaced(Event, kind="hold.placed"):
    """Personal data was put on hold (留存): it isn't purged until released. register, row: of
    whom; reason: why; until: None is without end."""

    register: str
    row: UUID
    until: date | None
    reason: str


class HoldReleased(Event, kind="hold.released"):
    """A hold was lifted (解除留存). register, row: of whom; reason: why."""

    register: str
    row: UUID
    reason: str


class PeoplePurged(Event, kind="people.purged"):
    """Personal data of people who left was destroyed (个人信息清除). people: how many; versions: kept row versions made
    unreadable; held: left alone, being on hold; sha256: over the people's ids, in order."""

    people: int
    versions: int
    held: int
    sha256: str


class UnitUnmasked(Event, kind="unit.unmasked"):
    """Someone was shown the principal and telephone of a unit in full (查看单位联系人). reason: why."""

    unit: UUID
    reason: str
