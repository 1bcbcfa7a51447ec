"""The journal as one file: entries, row versions, seals and the mass tables, with counts and a hash of each part."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.db import connection, transaction

from anlan import __version__
from anlan.kernel.journal.seal import digest
from anlan.kernel.models import BulkRow

TABLES = (
    "kernel_entry",
    "kernel_change",
    "kernel_redaction",
    "kernel_seal",
    "kernel_checkpoint",
    "kernel_reactor",
    "kernel_drillstate",
)


def bulk_tables() -> list[str]:
    """Return the mass tables, which keep no row versions and travel whole."""
    return [model._meta.db_table for model in apps.get_models() if issubclass(model, BulkRow)]


def export(path: Path) -> dict[str, Any]:
    """Write the sealed journal to `path` (zip) from one consistent snapshot; return its manifest."""
    parts: dict[str, dict[str, Any]] = {}
    with transaction.atomic(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for table in (*TABLES, *bulk_tables()):
            with archive.open(f"{table}.copy", "w", force_zip64=True) as out:
                parts[table] = _copy_out(table, out)
        manifest = {"format": 1, "version": __version__, "head": digest(), "parts": parts}
        archive.writestr("manifest.json", json.dumps(manifest, indent=1))
    return manifest


def _copy_out(table: str, out: IO[bytes]) -> dict[str, Any]:
    """Copy one table in key order, text format; the header line names the columns."""
    sha, rows = hashlib.sha256(), 0
    with connection.cursor() as cursor:
        names = [column.name for column in connection.introspection.get_table_description(cursor, table)]
        columns = ", ".join(f'"{name}"' for name in names)
        with cursor.copy(f'COPY (SELECT {columns} FROM "{table}" ORDER BY 1) TO STDOUT') as copy:
            head = ("\t".join(names) + "\n").encode()
            out.write(head)
            sha.update(head)
            for block in copy:
                data = bytes(block)
                rows += data.count(b"\n")
                out.write(data)
                sha.update(data)
    return {"rows": rows, "sha256": sha.hexdigest()}
