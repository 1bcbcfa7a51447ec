"""OGC SensorThings API 1.1, Part 1 (Sensing): stations, their series and readings as existing clients know them.

Source: OGC 18-088. Errors are in the form SensorThings clients read; who sees what is as everywhere (law 9).
"""
