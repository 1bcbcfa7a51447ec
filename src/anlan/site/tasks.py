"""Background jobs on procrastinate: what is done by the calendar. What must be exact to the second is a sweeper.

A job is kept in PostgreSQL until done; a worker that dies leaves it to the next. The calendar is the wall's, in UTC.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import structlog
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from anlan.kernel.journal.checkpoint import checkpoint
from anlan.kernel.options import options

log = structlog.get_logger()


@app.periodic(cron="10 16 * * *")
@app.task(name="anlan.checkpoint", queueing_lock="anlan.checkpoint")
def checkpoint_daily(timestamp: int) -> None:
    """Sign the journal's head, ten minutes into the Beijing day."""
    signed = checkpoint()
    log.info("checkpoint.signed", seq=signed.seq if signed else None)


@app.periodic(cron="40 18 * * *")
@app.task(name="anlan.backup", queueing_lock="anlan.backup")
def backup_nightly(timestamp: int) -> None:
    """Write a backup at twenty to three at night, Beijing time."""
    from anlan.site.backup import backup

    log.info("backup.written", path=str(backup(str(options.database_url), reason="nightly")))


@app.task(name="anlan.import", queue="imports")
def import_run(batch: str) -> None:
    """Check, apply or undo an import, as its state asks; another process at it, or a refusal, ends the job."""
    from anlan.kernel.problem import Problem
    from anlan.territory.services.imports import import_run as run

    try:
        run(UUID(batch))
    except Problem as problem:
        log.info("import.refused", batch=batch, code=problem.code)


@app.task(name="anlan.rule_trial", queue="trials")
def rule_trial(trial: str) -> None:
    """Judge a rule over a past span, for whoever asked in the editor."""
    from anlan.monitoring.services.trials import trial_run_now

    done = trial_run_now(UUID(trial))
    log.info("trial.done", trial=trial, state=done.state)


@app.periodic(cron="20 19 * * *")
@app.task(name="anlan.quality", queueing_lock="anlan.quality")
def quality_nightly(timestamp: int = 0) -> None:
    """At twenty past three at night, Beijing time: let old files of imports go, give new units their regulator, check all
    registers."""
    from anlan.kernel.actor import Actor
    from anlan.territory.services.imports_forget import imports_forget
    from anlan.territory.services.quality import quality_check
    from anlan.territory.services.regulators import regulators_assign

    system = Actor.system("territory")
    log.info("imports.forgotten", batches=imports_forget(by=system))
    regulators_assign(by=system)
    for register in ("units", "places", "persons"):
        done = quality_check(by=system, register=register)
        log.info("quality.checked", register=register, rows=done.rows, opened=done.opened, cleared=done.cleared)


@app.periodic(cron="50 19 * * 6")
@app.task(name="anlan.duplicates", queueing_lock="anlan.duplicates")
def duplicates_weekly(timestamp: int = 0) -> None:
    """Look for likely duplicates on Sunday morning at ten to four, Beijing time."""
    from anlan.kernel.actor import Actor
    from anlan.territory.services.merging import duplicates_find

    for register in ("units", "places", "persons"):
        done = duplicates_find(by=Actor.system("territory"), register=register)
        log.info("duplicates.found", register=register, pairs=done.pairs, proposed=done.proposed)


@app.periodic(cron="*/5 * * * *")
@app.task(name="anlan.rollups", queueing_lock="anlan.rollups")
def rollups_often(timestamp: int = 0) -> None:
    """Every five minutes: partitions of the days ahead are there, and rollups of spans that are over are made."""
    from anlan.kernel import clock
    from anlan.monitoring.services.days import days_ready
    from anlan.monitoring.services.rollups import rollups_make

    made = {table: names for table, names in days_ready(clock.now()).items() if names}
    if made:
        log.info("partitions.made", **made)
    done = rollups_make()
    log.info("rollups.made", days=len(done), tens=sum(d.tens for d in done), hours=sum(d.hours for d in done))


@app.periodic(cron="10 20 * * *")
@app.task(name="anlan.archive", queueing_lock="anlan.archive")
def archive_nightly(timestamp: int = 0) -> None:
    """At ten past four at night, Beijing time: old days of readings become files, old frames and tens are let go."""
    from anlan.kernel.actor import Actor
    from anlan.monitoring.services.archiving import readings_archive
    from anlan.monitoring.services.retention import retention_apply

    system = Actor.system("monitoring")
    for day in readings_archive(by=system):
        log.info("readings.archived", day=str(day.day), rows=day.rows, late=day.late, bytes=day.size)
    log.info("retention.applied", dropped=retention_apply(by=system))


@app.periodic(cron="* * * * * */30")
@app.task(name="anlan.feeds", queueing_lock="anlan.feeds")
def feeds_often(timestamp: int = 0) -> None:
    """Twice a minute: the feeds of others that are due are read. Never in a drill: what is real stays out of it."""
    from anlan.kernel.actor import Actor
    from anlan.warning.services.door import feed_receive
    from anlan.warning.services.feeds import feeds_poll

    if options.drill:
        return
    taken = feeds_poll(by=Actor.system("warning"), receive=feed_receive)
    if taken:
        log.info("feeds.polled", taken=taken)


@app.periodic(cron="*/10 * * * *")
@app.task(name="anlan.idempotency", queueing_lock="anlan.idempotency")
def idempotency_often(timestamp: int = 0) -> None:
    """Every ten minutes: answers kept for writes that might have come twice are destroyed when their time is over."""
    from anlan.kernel.idempotency import keys_forget

    gone = keys_forget()
    if gone:
        log.info("idempotency.forgotten", keys=gone)


@app.task(name="anlan.paper_files", retry=3)
def paper_files(paper: str) -> None:
    """The files of a paper that was issued: set, written, kept."""
    from anlan.response.services.paper_files import paper_files_make

    log.info("paper.files", paper=paper, made=paper_files_make(UUID(paper)))


@app.task(name="anlan.paper_fonts", queueing_lock="anlan.paper_fonts")
def paper_fonts() -> None:
    """The open faces of papers are pressed into whole files: once a node, when the first paper is drafted."""
    from anlan.kernel.problem import Unavailable
    from anlan.response.formats.fonts import paper_folders

    try:
        paper_folders(make=True)
    except Unavailable as lacking:
        log.info("paper.fonts", lacking=lacking.en)


def worker_app() -> Any:
    """Return procrastinate's app with the connector a worker needs."""
    return app.with_connector(cast("DjangoConnector", app.connector).get_worker_connector())
