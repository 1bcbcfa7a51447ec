"""OGC API – Features: the registers as layers that QGIS, GDAL and others open as they are (core, GeoJSON, CRS)."""
