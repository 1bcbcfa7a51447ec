"""A throw-away PostgreSQL with PostGIS to measure against: Debian's, in a folder of its own, gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
from pyarrow import csv

PACKAGES = ("postgresql-15", "postgresql-15-postgis-3")
PROGRAMS = Path("/usr/lib/postgresql/15/bin")
EXTENSION = Path("/usr/share/postgresql/15/extension/postgis.control")
_BATCH = 500_000
_LONG = 5.0  # seconds: what takes longer is not measured twice


def missing() -> str:
    """Return why there is no PostGIS to measure against; "" when there is. Root lets apt install it first."""
    if not EXTENSION.exists() and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
        install = ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES]
        subprocess.run(install, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, **quiet)
    if EXTENSION.exists() and (PROGRAMS / "initdb").exists():
        return ""
    return f"PostGIS is not here (Debian: {' '.join(PACKAGES)}), so nothing was measured against it"


@contextmanager
def server() -> Iterator[psycopg.Connection[Any]]:
    """Start a cluster in a new folder, as nobody where this is root, and give a connection; stop and delete it after."""
    folder = Path(tempfile.mkdtemp(prefix="anlan-postgis-"))
    drop = []
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
        drop = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    data = folder / "data"
    words = [
        *drop,
        str(PROGRAMS / "initdb"),
        "-D",
        str(data),
        "-U",
        "bench",
        "-A",
        "trust",
        "-N",
        "--no-locale",
        "-E",
        "UTF8",
    ]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd=folder)
    # Loading need not survive a power cut; everything stays in memory, and both cores may work on one query.
    settings = {
        "listen_addresses": "", "unix_socket_directories": folder, "fsync": "off", "shared_buffers": "3GB",
        "work_mem": "256MB", "maintenance_work_mem": "1GB", "max_wal_size": "8GB", "jit": "off",
    }  # fmt: skip
    given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*drop, str(PROGRAMS / "postgres"), "-D", str(data), *given], stdout=log, stderr=log, cwd=folder
        )
    try:
        with _connected(folder, process) as connection:
            connection.execute("CREATE EXTENSION postgis")
            yield connection
    finally:
        process.send_signal(signal.SIGINT)  # fast: a query still running is broken off
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _connected(folder: Path, process: subprocess.Popen[bytes]) -> psycopg.Connection[Any]:
    for _ in range(300):
        try:
            return psycopg.connect(host=str(folder), user="bench", dbname="postgres", autocommit=True)
        except psycopg.OperationalError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise SystemExit((folder / "log").read_text())


def load(connection: psycopg.Connection[Any], lon: np.ndarray, lat: np.ndarray, classes: np.ndarray) -> str:
    """Put points into a table with a GiST index, analysed and visible to all; return its name."""
    name = f"points_{len(lon)}"
    connection.execute("CREATE UNLOGGED TABLE raw (lon float8, lat float8, class int2)")
    with connection.cursor().copy("COPY raw FROM STDIN (FORMAT csv)") as copy:
        for first in range(0, len(lon), _BATCH):
            part = slice(first, first + _BATCH)
            sink = BytesIO()
            rows = pa.table({"lon": lon[part], "lat": lat[part], "class": classes[part].astype(np.int16)})
            csv.write_csv(rows, sink, csv.WriteOptions(include_header=False))
            copy.write(sink.getvalue())
    connection.execute(
        f"CREATE UNLOGGED TABLE {name} AS SELECT class, ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geometry(Point, 4326) AS at FROM raw"
    )
    connection.execute("DROP TABLE raw")
    connection.execute(f"CREATE INDEX ON {name} USING gist (at)")
    connection.execute(f"VACUUM ANALYZE {name}")
    return name


def counted(connection: psycopg.Connection[Any], name: str, wkb: bytes, times: int) -> tuple[float, dict[int, int]]:
    """Return the best time in seconds of counting by class inside a polygon, and the counts."""
    best, counts = float("inf"), {}
    for _ in range(times):
        started = time.perf_counter()
        found = connection.execute(
            f"SELECT class, count(*) FROM {name} WHERE ST_Intersects(at, ST_SetSRID(ST_GeomFromWKB(%s), 4326)) GROUP BY class",
            [wkb],
        ).fetchall()
        best = min(best, time.perf_counter() - started)
        counts = dict(found)
        if best > _LONG:
            break
    return best, counts
