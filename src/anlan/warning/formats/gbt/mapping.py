"""CAP ⇄ national message, value by value. Pure; what gets lost on the way is told by `report`.

A national text that CAP has no element for travels as a parameter of the first info whose name begins with
"GB/T35965.1:", and is found again there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from anlan.warning.formats.cap import values as cap
from anlan.warning.formats.gbt import values as gbt
from anlan.warning.formats.gbt.circles import kilometres, metres
from anlan.warning.formats.gbt.identity import cap_time, extended, identity, identity_text, moment
from anlan.warning.formats.gbt.table import Table

RAW: Final = "GB/T35965.1:"
MOST_REFERENCE_CHARS: Final = 600_000  # room for thousands; a hostile message has millions of them
_BETWEEN: Final = re.compile(r"[\s,，;；]+")
_ZEROS: Final = "000000"


def split_codes(text: str) -> tuple[str, ...]:
    """The division codes of a list: commas, semicolons and blanks divide, Chinese ones too."""
    return tuple(part for part in _BETWEEN.split(text) if part)


def split_identities(text: str) -> tuple[str, ...]:
    """The identities of a list: commas and blanks divide; nothing else is forbidden in an identifier of CAP."""
    return tuple(text.replace(",", " ").split())


# --- CAP → national -------------------------------------------------------------------------------------------------


def message_of(alert: cap.Alert, table: Table, issuer: str = "", serial: int = 0) -> gbt.Message:
    """The national message of a CAP message; with `issuer` (14 digits) under a new identity of that issuer."""
    first = _raw(alert.infos[0]) if alert.infos else {}
    unit = next((info.sender_name for info in alert.infos if info.sender_name), None) or alert.sender
    entered = moment(alert.sent)
    renamed = issuer and entered is not None
    return gbt.Message(
        identifier=identity_text(issuer, entered, serial) if issuer and entered else alert.identifier,
        sender=unit,
        sender_code=issuer if renamed else alert.sender,
        phone=first.get("phone", [""])[0],
        sent=extended(alert.sent),
        status=alert.status,
        msg_type=alert.msg_type,
        scope=alert.scope,
        methods=tuple(_methods(first.get("method", ()))),
        classification=first.get("secClassification", [""])[0],
        note=alert.note or "",
        references=_identities(alert, first),
        infos=tuple(_info_of(info, unit, table) for info in alert.infos),
    )


def _raw(info: cap.Info) -> dict[str, list[str]]:
    """The national texts an info carries as parameters, by field."""
    found: dict[str, list[str]] = {}
    for pair in info.parameters:
        if pair.name.startswith(RAW):
            found.setdefault(pair.name.removeprefix(RAW), []).append(pair.value)
    return found


def _methods(texts: Iterable[str]) -> Iterator[gbt.Method]:
    for text in texts:
        try:
            yield msgspec.json.decode(text, type=gbt.Method)
        except (msgspec.DecodeError, RecursionError):  # not ours: the report names the parameter as lost
            continue


def _identities(alert: cap.Alert, first: dict[str, list[str]]) -> tuple[str, ...]:
    if "references" in first:
        return split_identities(first["references"][0])
    text = (alert.references or "")[:MOST_REFERENCE_CHARS]
    return tuple(reference.identifier for reference in cap.references(text))


def _info_of(info: cap.Info, unit: str, table: Table) -> gbt.Info:
    raw = _raw(info)
    language = info.language or cap.DEFAULT_LANGUAGE
    return gbt.Info(
        language=language,
        event_type=_event_type(info, table),
        urgency=info.urgency,
        severity=raw["severity"][0] if "severity" in raw else _colour(info, table),
        certainty=raw["certainty"][0]
        if "certainty" in raw
        else table.certainty_to_gbt.get(info.certainty, info.certainty),
        effective=extended(info.effective),
        onset=extended(info.onset),
        expires=extended(info.expires),
        signer=_signer(info.sender_name or "", unit, language, raw),
        headline=info.headline or "",
        description=info.description or "",
        instruction=info.instruction or "",
        web=info.web or "",
        resources=tuple(gbt.Resource(one.desc, one.size or "", one.digest or "") for one in info.resources),
        areas=tuple(_area_of(area, table) for area in info.areas),
    )


def _event_type(info: cap.Info, table: Table) -> str:
    coded = (pair.value for pair in info.event_codes if pair.name == table.event_code)
    return next(coded, "") or table.type_named(info.event)


def _colour(info: cap.Info, table: Table) -> str:
    said = (pair.value for pair in info.parameters if pair.name == table.colour_parameter)
    word = table.colour_words.get(next(said, "").casefold())
    by_severity = {colour.severity: word for word, colour in table.colours.items()}
    return word or by_severity.get(info.severity, table.no_colour)


def _signer(name: str, unit: str, language: str, raw: dict[str, list[str]]) -> str:
    """A Chinese info names the signing officer, else the unit; one in another language the unit's name in it."""
    if not _chinese(language):
        return name
    return raw["signer"][0] if "signer" in raw else unit if name == unit else ""


def _chinese(language: str) -> bool:
    return language.casefold().startswith("zh")


def _area_of(area: cap.Area, table: Table) -> gbt.Area:
    return gbt.Area(
        desc=area.desc,
        polygons=tuple(filter(None, area.polygons)),
        circles=tuple(circle for circle in map(metres, area.circles) if circle is not None),
        geocodes=tuple(_codes(area.geocodes, table)),
    )


def _codes(pairs: tuple[cap.Coded, ...], table: Table) -> Iterator[str]:
    schemes = set(table.geocodes.values()) | {RAW + "geocode"}
    last = ""
    for pair in pairs:
        if (
            pair.name in schemes and f"{pair.value}{_ZEROS}" != last
        ):  # the short form `_geocodes` lays beside a long one
            yield from split_codes(pair.value)
        last = pair.value


# --- national → CAP -------------------------------------------------------------------------------------------------


def alert_of(message: gbt.Message, table: Table) -> cap.Alert:
    """The CAP message of a national one, without what the table calls private."""
    message = _public(message, table)
    triples, unread = _triples(message)
    unit = "" if message.sender == message.sender_code else message.sender  # as CAP says it that names no sender
    carried = [("phone", message.phone), ("secClassification", message.classification)]
    carried = [(name, text) for name, text in carried if text]
    carried += [("method", msgspec.json.encode(method).decode()) for method in message.methods]
    carried += [("references", ",".join(message.references))] if unread else []
    head = tuple(cap.Coded(RAW + name, text) for name, text in carried)
    infos = [_info_from(info, unit, table) for info in message.infos]
    infos[:1] = [msgspec.structs.replace(infos[0], parameters=infos[0].parameters + head)] if infos else []
    return cap.Alert(
        identifier=message.identifier,
        sender=message.sender_code,
        sent=cap_time(message.sent) or "",
        status=message.status,
        msg_type=message.msg_type,
        scope=message.scope,
        note=message.note or None,
        references=" ".join(triples) or None,
        infos=tuple(infos),
    )


def _public(message: gbt.Message, table: Table) -> gbt.Message:
    hidden = dict.fromkeys(table.private, "")
    of_method = {name: "" for name in ("groups", "persons") if name in hidden}
    methods = tuple(msgspec.structs.replace(method, **of_method) for method in message.methods)
    infos = message.infos
    if "signer" in hidden:
        infos = tuple(
            msgspec.structs.replace(info, signer="")
            if _chinese(info.language or "zh") and info.signer != message.sender
            else info
            for info in infos
        )
    phone = "" if "phone" in hidden else message.phone
    return msgspec.structs.replace(message, methods=methods, infos=infos, phone=phone)


def _triples(message: gbt.Message) -> tuple[list[str], bool]:
    """CAP's references, and whether some identity could not be read: then the list travels as it is, too."""
    found = [(text, identity(text)) for text in message.references]
    triples = [f"{i.issuer},{text},{i.entered.isoformat()}" for text, i in found if i is not None]
    return triples, len(triples) < len(found)


def _info_from(info: gbt.Info, unit: str, table: Table) -> cap.Info:
    language = info.language or "zh-CN"
    chinese = _chinese(language)
    name = table.names.get(info.event_type)
    certainty = table.certainty_from_gbt.get(info.certainty, info.certainty)
    word = table.colour_words.get(info.severity.casefold())
    colour = table.colours[word] if word else None
    parameters = [cap.Coded(table.colour_parameter, colour.colour)] if colour else []
    if colour is None and info.severity not in {"", table.no_colour}:
        parameters.append(cap.Coded(RAW + "severity", info.severity))
    if certainty != info.certainty:
        parameters.append(cap.Coded(RAW + "certainty", info.certainty))
    if chinese and info.signer not in {"", unit}:
        parameters.append(cap.Coded(RAW + "signer", info.signer))
    return cap.Info(
        event=(name.zh if chinese else name.en) if name else info.event_type or info.headline,
        urgency=info.urgency,
        severity=colour.severity if colour else "Unknown",
        certainty=certainty,
        categories=(table.category(info.event_type),),
        language=language,
        event_codes=(cap.Coded(table.event_code, info.event_type),) if info.event_type else (),
        effective=cap_time(info.effective),
        onset=cap_time(info.onset),
        expires=cap_time(info.expires),
        sender_name=(unit if chinese else info.signer or unit) or None,
        headline=info.headline or None,
        description=info.description or None,
        instruction=info.instruction or None,
        web=info.web or None,
        parameters=tuple(parameters),
        resources=tuple(_resource_from(one, table) for one in info.resources),
        areas=tuple(_area_from(area, table) for area in info.areas),
    )


def _resource_from(one: gbt.Resource, table: Table) -> cap.Resource:
    ending = one.name.rpartition(".")[2].casefold()
    size = one.size if one.size.isascii() and one.size.isdigit() else None
    return cap.Resource(one.name, table.mime.get(ending, table.mime[""]), size, digest=one.digest or None)


def _area_from(area: gbt.Area, table: Table) -> cap.Area:
    return cap.Area(
        desc=area.desc,
        polygons=area.polygons,
        circles=tuple(circle for circle in map(kilometres, area.circles) if circle is not None),
        geocodes=tuple(_geocodes(area.geocodes, table)),
    )


def _geocodes(codes: tuple[str, ...], table: Table) -> Iterator[cap.Coded]:
    for code in codes:
        scheme = table.geocodes.get(len(code)) if code.isascii() and code.isdigit() else None
        yield cap.Coded(scheme or RAW + "geocode", code)
        if len(code) == 12 and code.endswith(_ZEROS):  # a county or above: receivers know it by its six digits
            yield cap.Coded(table.geocodes[6], code[:6])
