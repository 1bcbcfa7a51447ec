"""Where the fonts of printed papers are: the bureau's own first, then the open ones built beside the pages.

The four faces of GB/T 9704: 小标宋 for titles, 仿宋 for the body, 黑体 and 楷体 for headings. Chinese bureaus hold licences
for them, which we may not pass on; where the option `fonts` names no folder with them, open fonts stand in. No 仿宋 under an
open licence is to be had as a package, so a light 宋 stands in for it. Its pieces are pressed into whole files once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import anlan
from anlan.kernel.options import options
from anlan.kernel.problem import Unavailable

FAMILIES = ("Noto Sans S Chinese", "Noto Sans CJK SC", "Source Han Sans SC")
FILES = ("NotoSansHans-Regular.otf", "NotoSansHans-Bold.otf")


class Face(NamedTuple):
    """An open stand-in: the folder of its pieces, its family name, the weight taken."""

    pieces: str
    family: str
    weight: int


OPEN: Final = (
    Face("song", "Anlan Fangsong", 300),
    Face("song", "Anlan Biaosong", 800),
    Face("kai", "Anlan Kai", 400),
)

MADE: Final = "2: numerals from the face's own capitals"
"""What is made of the pieces beside joining them; another word has them pressed anew."""

# The family names bureaus' own fonts carry, most wanted first; then the open stand-in.
FACES: Final[dict[str, tuple[str, ...]]] = {
    "body": ("FangSong_GB2312", "仿宋_GB2312", "FZFangSong-Z02", "FangSong", "仿宋", "STFangsong", "FandolFang R",
             "Zhuque Fangsong", "Anlan Fangsong", *FAMILIES),
    "title": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "方正小标宋简体", "Anlan Biaosong", *FAMILIES),
    "hei": ("SimHei", "黑体", "FZHei-B01S", "STHeiti", *FAMILIES),
    "kai": ("KaiTi_GB2312", "楷体_GB2312", "FZKai-Z03", "KaiTi", "楷体", "STKaiti", "Anlan Kai", *FAMILIES),
    "song": ("SimSun", "宋体", "FZShuSong-Z01S", "STSong", "Anlan Fangsong", *FAMILIES),
}  # fmt: skip


def built_folder() -> Path:
    """Return where the build puts the open fonts (思源黑体; pieces of 思源宋体 and 霞鹜文楷, all SIL OFL)."""
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


def paper_folders(*, make: bool, own: str | None = None, built: Path | None = None) -> list[Path]:
    """Return the folders for official papers: those of `font_folders` and the one with the pressed open faces.

    `make`: press what is missing, which takes about a minute of one core, once a node; the worker does. Without it
    Unavailable while they are not ready, for a page must not wait so long.
    """
    packed = built or built_folder()
    folders = font_folders(own, packed)
    pressed = _home(packed)
    if pressed is None:
        return folders
    if not _ready(pressed):
        if not make:
            raise Unavailable(
                code="paper.fonts_not_ready",
                zh="公文字体正在准备（首次约一分钟）；请稍候再下载，内容已保存。",
                en="The fonts of papers are being made ready (about a minute, once); try again shortly. Nothing is lost.",
                field="fonts",
            )  # fmt: skip
        _press_all(packed, pressed)
    return [*folders, pressed]


def _pieces(packed: Path, face: Face) -> list[Path]:
    return sorted((packed / face.pieces).glob("*.woff2"))


def _home(packed: Path) -> Path | None:
    """The folder of the pressed faces, named by what they are pressed from; None where the build has no pieces."""
    found: Sequence[Path] = [path for face in OPEN for path in _pieces(packed, face)]
    if not found:
        return None
    mark = hashlib.sha256("\n".join(f"{path.name} {path.stat().st_size}" for path in found).encode())
    mark.update(repr((OPEN, MADE)).encode())
    return options.home_path / "fonts" / mark.hexdigest()[:16]


def _file(pressed: Path, face: Face) -> Path:
    return pressed / f"{face.family.replace(' ', '')}.ttf"


def _ready(pressed: Path) -> bool:
    return all(_file(pressed, face).is_file() for face in OPEN)


def _press_all(packed: Path, pressed: Path) -> None:
    """Press one after the other under a lock: a second process waits and finds them done."""
    from anlan.response.formats.font_press import press  # slow to load, and done once

    pressed.mkdir(parents=True, exist_ok=True)
    with (pressed / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for face in OPEN:
            dest = _file(pressed, face)
            if not dest.is_file():
                fresh = dest.with_suffix(f".{os.getpid()}")
                press(_pieces(packed, face), family=face.family, weight=face.weight, dest=fresh)
                fresh.replace(dest)
