"""Reads a PDF back: where every character stands, in mm from the top left of its page."""

from __future__ import annotations

from typing import NamedTuple

import pypdfium2 as pdfium

MM = 25.4 / 72


class Character(NamedTuple):
    """One character: its box in mm from the left and top edge of the page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def pages(file: bytes) -> list[list[Character]]:
    """Every printed character of every page, in the order of the file."""
    found = []
    document = pdfium.PdfDocument(file)
    for page in document:
        height, text = page.get_height(), page.get_textpage()
        here = []
        for n in range(text.count_chars()):
            words = text.get_text_range(n, 1)
            if words.strip():
                left, bottom, right, top = text.get_charbox(n, loose=True)
                here.append(Character(words, left * MM, (height - top) * MM, right * MM, (height - bottom) * MM))
        found.append(here)
    return found


def rows(page: list[Character], top: float, bottom: float) -> list[list[Character]]:
    """The characters between two heights, line by line, from left to right."""
    inside = sorted(
        (c for c in page if top <= (c.top + c.bottom) / 2 <= bottom), key=lambda c: (c.top + c.bottom, c.left)
    )
    found: list[list[Character]] = []
    for character in inside:
        middle = (character.top + character.bottom) / 2
        if found and abs((found[-1][0].top + found[-1][0].bottom) / 2 - middle) < 3:
            found[-1].append(character)
        else:
            found.append([character])
    return [sorted(row, key=lambda c: c.left) for row in found]


def words(row: list[Character]) -> str:
    """A line as text."""
    return "".join(c.text for c in row)


def size(file: bytes) -> tuple[float, float]:
    """Width and height of the first page in mm."""
    page = pdfium.PdfDocument(file)[0]
    return page.get_width() * MM, page.get_height() * MM


def red_rules(file: bytes, page: int = 0) -> list[tuple[float, float, float]]:
    """The horizontal red lines of a page, found in its picture: (top, left, right) in mm."""
    import numpy as np

    scale = 4.0
    picture = pdfium.PdfDocument(file)[page].render(scale=scale).to_numpy()
    red = (picture[:, :, 2] > 150) & (picture[:, :, 1] < 90) & (picture[:, :, 0] < 90)
    if picture.shape[2] == 3 and not red.any():
        red = (picture[:, :, 0] > 150) & (picture[:, :, 1] < 90) & (picture[:, :, 2] < 90)
    found, last = [], -10
    for y in np.flatnonzero(red.sum(axis=1) > 100 * scale / MM):
        if y - last > 2:
            x = np.flatnonzero(red[y])
            found.append((y / scale * MM, x[0] / scale * MM, x[-1] / scale * MM))
        last = y
    return found
