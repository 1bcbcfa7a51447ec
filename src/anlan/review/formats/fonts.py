"""Where the fonts of printed papers are: the bureau's own first, then the open ones built beside the pages."""

from __future__ import annotations

from pathlib import Path

import anlan
from anlan.kernel.options import options
from anlan.kernel.problem import Unavailable

FAMILIES = ("Noto Sans S Chinese", "Noto Sans CJK SC", "Source Han Sans SC")
FILES = ("NotoSansHans-Regular.otf", "NotoSansHans-Bold.otf")


def built_folder() -> Path:
    """Return where the build puts the open fonts (思源黑体, SIL OFL)."""
    return Path(anlan.__file__).resolve().parent / "site" / "static" / "built" / "fonts"


def font_folders(own: str | None = None, built: Path | None = None) -> list[Path]:
    """Return the folders typst looks for fonts in; `own` defaults to the option `fonts`.

    Raises Unavailable when no Chinese font is there: a paper with empty boxes for names is worse than none.
    """
    chosen = options.fonts if own is None else own
    folders = [Path(chosen).expanduser()] if chosen else []
    packed = built or built_folder()
    if all((packed / name).is_file() for name in FILES):
        folders.append(packed)
    folders = [folder for folder in folders if folder.is_dir()]
    if not folders:
        raise Unavailable(
            code="report.no_fonts",
            zh="还没有可用的中文字体；请运行 ./anlan build，或用选项 fonts 指定字体目录。",
            en="There is no Chinese font yet; run ./anlan build, or name a folder of fonts in the option `fonts`.",
            field="fonts",
            value=chosen,
        )
    return folders
