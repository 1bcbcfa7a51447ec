"""GeoPackage in, through GDAL's ogr2ogr where the machine has it; else it is refused with the way round."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from anlan.territory.formats.tables import refuse

PROGRAM = "ogr2ogr"
LAST_S = 600


def to_geojson(path: Path, out: Path, *, layer: str = "") -> Path:
    """Write the layer ("": the first) as one WGS-84 feature a line; Invalid where GDAL is missing or can't read it."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise refuse(
            "no_gdal",
            "本机没有 GDAL（ogr2ogr），不能读 GeoPackage；请安装 gdal-bin，或另存为 GeoJSON。",
            "This machine has no GDAL (ogr2ogr) to read a GeoPackage with; install gdal-bin, or save it as GeoJSON.",
            path.name,
        )
    out.unlink(missing_ok=True)
    command = [
        program,
        "-f",
        "GeoJSONSeq",
        "-t_srs",
        "EPSG:4326",
        str(out),
        f"GPKG:{path}",
        *([layer] if layer else []),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LAST_S, check=False)
    if done.returncode != 0 or not out.exists():
        last = (done.stderr.strip().splitlines() or ["?"])[-1][:200]
        raise refuse("broken", f"读不出 GeoPackage：{last}", f"The GeoPackage can't be read: {last}", path.name)
    return out
