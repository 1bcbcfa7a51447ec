"""Papers drafted and changed (拟稿). Each change is a new version; one that was checked or signed is to be checked again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.drill import drill_state
from anlan.kernel.journal import Event, record
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.response import choices_papers
from anlan.response.engine import paper as engine
from anlan.response.engine.paper_bounds import body_of, settled
from anlan.response.events import PaperChanged, PaperMade
from anlan.response.models import Incident, Level, Paper, PaperVersion
from anlan.warning.services.moment import pinned
from anlan.warning.services.values_drafts import hand_of, same_hand

Bodies = Mapping[str, engine.Paper]
"""A paper in each language: {"zh": …, "en": …}."""
NO_HANDS: Mapping[str, Any] = {
    "checked_by": None, "checked_at": None, "signed_by": None, "signed_at": None,
}  # fmt: skip


class Of(NamedTuple):
    """What a paper is about: an incident, a level, or what the journal names otherwise ("plan:…", "task:…")."""

    incident: UUID | None = None
    level: UUID | None = None
    other: str = ""


def paper_make(
    *,
    by: Actor,
    kind: str,
    bodies: Bodies,
    division: str,
    organ: str = "",
    word: str = "",
    of: Of = Of(),  # noqa: B008 - frozen, has no state
    built: Bodies | None = None,
    as_of: datetime | None = None,
    replaces: UUID | None = None,
    at: datetime | None = None,
) -> Paper:
    """Draft a paper; nothing goes out. `organ`: code of whose numbers it counts by, its division where none is given; `word`:
    the number's (机关代字). `built`: what the record filled in, where `bodies` were changed by hand since.

    Raises Forbidden, NotFound (what it is about, what it replaces), Invalid (unknown kind, no title or text, a language
    missing, no word), Conflict when what it replaces was never issued.
    """
    by.must("paper.draft", division)
    at = at or clock.now()
    both = _both(kind, bodies)
    word = word.strip() or both["zh"].number.word
    _must_have(word, "word", "请填写机关代字或期刊名。", "Give the word its number counts by.")
    with pinned(at):
        _seen(by, of)
        old = _replaced(by, replaces)
        own = digest_of(both, word)
        row = Paper.objects.create(
            division=division, kind=kind, title_zh=both["zh"].title, title_en=both["en"].title, organ=organ or division,
            word=word[:40], digest=own, incident_id=of.incident, level_id=of.level, about=of.other[:96], replaces=old,
            as_of=as_of or at, drill=drill_state() is not None, makers=[hand_of(by)], made_by=hand_of(by), made_at=at,
        )  # fmt: skip
        _version(row, by, both, _both(kind, built) if built else both, at)
        event = PaperMade(
            paper=str(row.pk), paper_kind=kind, title={"zh": row.title_zh, "en": row.title_en},
            incident=_text(of.incident), level=_text(of.level), of=row.about, digest=own, replaces=_text(replaces),
        )  # fmt: skip
        tell(event, by, row, at)
    return row


def paper_change(
    *, by: Actor, paper: UUID, bodies: Bodies, seen: str, word: str | None = None, at: datetime | None = None
) -> Paper:
    """Give a paper another content: a new version. `seen`: the digest it was made on. What had been checked or signed is to
    be checked again; who changes it is one of its makers. A change that changes nothing writes nothing.

    Raises as `paper_make`; Conflict `paper.moved` when somebody else changed it meanwhile, `paper.over` when it is out.
    """
    at = at or clock.now()
    with pinned(at):
        row = locked(by, paper, seen)
        by.must("paper.draft", row.division)
        both = _both(row.kind, bodies)
        word = (row.word if word is None else word).strip()
        _must_have(word, "word", "请填写机关代字或期刊名。", "Give the word its number counts by.")
        own = digest_of(both, word)
        if own == row.digest:
            return row
        undone, hand = (row.state if row.state != "drafted" else None), hand_of(by)
        built = PaperVersion.objects.get(paper=row, version=row.version).built
        write(row, {
            "version": row.version + 1, "digest": own, "word": word[:40], "title_zh": both["zh"].title,
            "title_en": both["en"].title, "state": "drafted", "reason": "", "ended_by": None, "ended_at": None,
            "makers": [*(each for each in row.makers if not same_hand(each, hand)), hand], **NO_HANDS,
        })  # fmt: skip
        _version(row, by, both, built, at)
        tell(PaperChanged(paper=str(row.pk), paper_version=row.version, digest=own, undone=undone), by, row, at)
    return row


def digest_of(bodies: Bodies, word: str) -> str:
    """SHA-256 over the content in both languages and the word of its number."""
    body = {"word": word, **{language: body_of(bodies[language]) for language in choices_papers.LANGUAGES}}
    return hashlib.sha256(msgspec.json.encode(body, order="deterministic")).hexdigest()


def locked(by: Actor, paper: UUID, seen: str | None = None, *, over: bool = False) -> Paper:
    """The row, locked. NotFound outside the reader's scope; Conflict when it is out already (unless `over`) or no longer what
    was `seen`."""
    row = Paper.objects.select_for_update().filter(pk=paper).first()
    if row is None or not by.scope.sees(row.division):
        raise missing(paper)
    if not over and row.state not in choices_papers.OPEN_STATES:
        name = choices_papers.PAPER_STATES[row.state]
        raise Conflict(code="paper.over", zh=f"此文{name.zh}，不能再改；如需更正，请另拟一稿替代。", field="state", value=row.state,
                       en=f"This paper is over ({name.en.lower()}); draft one that takes its place.")  # fmt: skip
    if seen is not None and seen != row.digest:
        raise Conflict(code="paper.moved", zh="此文内容刚被他人改动；请刷新后重新核对。", field="seen", value=seen,
                       en="Somebody has just changed this paper; refresh and read it again.")  # fmt: skip
    return row


def write(row: Paper, values: Mapping[str, Any]) -> None:
    """Set and save these fields."""
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def tell(event: Event, by: Actor, row: Paper, at: datetime) -> None:
    """Record what happened to a paper."""
    record(event, by=by, about=f"paper:{row.pk}", division=row.division, at=at)


def missing(paper: object) -> NotFound:
    """There is no such paper in scope."""
    return NotFound(code="paper.not_found", zh="没有这份文书，或不在您的范围内；请从列表中重新进入。", field="paper", value=paper,
                    en="There is no such paper, or it is not in your scope; go in again from the list.")  # fmt: skip


def _version(row: Paper, by: Actor, bodies: Bodies, built: Any, at: datetime) -> None:
    kept = built if isinstance(next(iter(built.values())), dict) else {key: body_of(built[key]) for key in built}
    PaperVersion.objects.create(
        paper=row, division=row.division, version=row.version, digest=row.digest, made_by=hand_of(by), made_at=at,
        body={key: body_of(bodies[key]) for key in choices_papers.LANGUAGES}, built=kept,
    )  # fmt: skip


def _both(kind: str, bodies: Bodies) -> dict[str, engine.Paper]:
    """The paper in both languages, settled, of the kind's form; Invalid names what is lacking."""
    if kind not in choices_papers.PAPER_KINDS:
        raise Invalid(
            code="paper.kind",
            zh=f"“{kind}”不是文书种类。",
            en=f"“{kind}” is no kind of paper.",
            field="kind",
            value=kind,
        )
    found: dict[str, engine.Paper] = {}
    for language in choices_papers.LANGUAGES:
        body = bodies.get(language)
        if body is None or body.language != language:
            raise Invalid(code="paper.language", zh="文书须有中文和英文两种文本。", field="body", value=language,
                          en="A paper needs its Chinese and its English text.")  # fmt: skip
        whole = settled(body)
        _must_have(whole.title, "title", "请填写标题。", "Give a title.")
        _must_have(whole.organ, "organ", "请填写发文机关标志。", "Give the issuing organ.")
        if not any(_says(block) for block in whole.blocks):
            _must_have("", "blocks", "正文是空的。", "The text is empty.")
        found[language] = whole
    return found


def _says(block: engine.Block) -> bool:
    return bool(block.text) if isinstance(block, engine.Paragraph) else True


def _must_have(value: str, field: str, zh: str, en: str) -> None:
    if not value.strip():
        raise Invalid(code=f"paper.no_{field}", zh=zh, en=en, field=field, value=value)


def _seen(by: Actor, of: Of) -> None:
    """What the paper is about must be within reach."""
    for model, key in ((Incident, of.incident), (Level, of.level)):
        if key is not None:
            row = model.objects.filter(pk=key).first()
            if row is None or not by.scope.sees(row.division):
                raise NotFound(code="paper.about", zh="没有所依据的事件或响应，或不在您的范围内。", field="of", value=key,
                               en="There is no such incident or response, or it is not in your scope.")  # fmt: skip


def _replaced(by: Actor, replaces: UUID | None) -> Paper | None:
    if replaces is None:
        return None
    row = locked(by, replaces, over=True)
    by.must("paper.draft", row.division)
    if row.state != "issued":
        raise Conflict(code="paper.not_issued", zh="只能替代已印发的文书；未印发的请直接修改。", field="replaces", value=replaces,
                       en="Only an issued paper can be replaced; change one that is not out yet.")  # fmt: skip
    return row


def _text(key: object) -> str | None:
    return str(key) if key is not None else None


def apart(by: Actor, row: Paper, step: str, hands: int) -> Forbidden | None:
    """Why this actor may not check or sign on grounds of separation of duties (同一文书不得一人经手), or None."""
    hand = hand_of(by)
    if any(same_hand(hand, each) for each in row.makers) and (step == "check" or hands >= 3):
        words = ("拟稿", "drafted")
    elif step == "sign" and row.checked_by and same_hand(hand, row.checked_by):
        words = ("审核", "checked")
    else:
        return None
    act_zh, act_en = ("审核", "check") if step == "check" else ("签发", "sign")
    return Forbidden(code="paper.separation", zh=f"{by.name}已{words[0]}此文，不能再{act_zh}；请由另一人{act_zh}。", field="by", value=by.name,
                     en=f"{by.name} {words[1]} this paper and can't {act_en} it; another person must.")  # fmt: skip
