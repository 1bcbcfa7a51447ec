"""Gives a built wheel the dependencies of run.in, so that they are written in one place."""

from __future__ import annotations

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface


class CustomMetadataHook(MetadataHookInterface):
    """Reads requirements/run.in."""

    def update(self, metadata: dict) -> None:
        """Fill in `dependencies`."""
        lines = (Path(self.root) / "requirements/run.in").read_text("utf-8").splitlines()
        metadata["dependencies"] = [line for line in lines if line and not line.startswith("#")]
