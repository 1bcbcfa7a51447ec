"""Gives a built wheel the dependencies of run.in and the extra `mesh`, so that they are written in one place."""

from __future__ import annotations

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface


class CustomMetadataHook(MetadataHookInterface):
    """Reads requirements/run.in and mesh.in."""

    def update(self, metadata: dict) -> None:
        """Fill in `dependencies` and `optional-dependencies`."""
        metadata["dependencies"] = self._lines("run.in")
        metadata["optional-dependencies"] = {"mesh": self._lines("mesh.in")}

    def _lines(self, name: str) -> list[str]:
        lines = (Path(self.root) / "requirements" / name).read_text("utf-8").splitlines()
        return [line for line in lines if line and not line.startswith("#")]
