"""The index of words gives exactly "contains", whatever the texts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.territory.engine import words as words_module
from anlan.territory.engine import words_build as build_module
from anlan.territory.engine.query import fold
from anlan.territory.engine.words import spans
from anlan.territory.engine.words_build import folded, words_build
from anlan.territory.sources.pinyin import pinyin

LETTERS = "菏泽化工有限公司AaB9１㈱（）é 𠮷单重"
TEXTS = st.lists(st.text(alphabet=LETTERS, max_size=24), max_size=30)
WORDS = st.text(alphabet=LETTERS, min_size=1, max_size=6).map(fold).filter(lambda word: word and " " not in word)


def found(index, word):
    hit = index.contains(word)
    return [] if hit is None else np.flatnonzero(hit).tolist()


@settings(max_examples=150)
@given(TEXTS, WORDS)
def test_contains_is_exact(texts, word):
    index = words_build(folded(pa.array(texts, type=pa.string())))
    assert found(index, word) == [at for at, text in enumerate(texts) if word in fold(text)]


@settings(max_examples=100)
@given(st.lists(st.text(alphabet="aab", max_size=90), max_size=20), st.text(alphabet="aab", min_size=3, max_size=7))
def test_pairs_that_come_again_and_again(texts, word):
    few, long_, block = words_module.FEW, words_module.LONG, build_module.BLOCK
    words_module.FEW, words_module.LONG, build_module.BLOCK = 0, 2, 7  # the ways of large registers
    try:
        index = words_build(pa.array(texts, type=pa.string()))
        assert found(index, word) == [at for at, text in enumerate(texts) if word in text]
    finally:
        words_module.FEW, words_module.LONG, build_module.BLOCK = few, long_, block


@settings(max_examples=100)
@given(st.lists(st.text(alphabet="菏泽化工重单行a", max_size=9), max_size=20), st.text(alphabet="hzgcsdxa", min_size=2, max_size=4),
       st.booleans())  # fmt: skip
def test_initials_are_exact(texts, word, large):
    few, long_ = words_module.FEW, words_module.LONG
    if large:
        words_module.FEW, words_module.LONG = 0, 1
    try:
        index = words_build(pa.array(texts, type=pa.string()))
        hit = index.initials(word, pinyin().readings(index.alphabet))
    finally:
        words_module.FEW, words_module.LONG = few, long_

    def read(text):
        sets = [{chr(97 + bit) for bit in range(26) if pinyin().letters.get(ord(c), 0) >> bit & 1} or {c} for c in text]
        return any(
            all(w in s for w, s in zip(word, sets[at:], strict=False)) and at + len(word) <= len(sets)
            for at in range(len(sets))
        )

    assert ([] if hit is None else np.flatnonzero(hit).tolist()) == [at for at, text in enumerate(texts) if read(text)]


@pytest.mark.parametrize(("name", "word"), [("菏泽化工", "hzhg"), ("重庆", "cq"), ("重庆", "zq"), ("A区", "aq")])
def test_names_by_their_initials(name, word):
    index = words_build(folded(pa.array([name, "别的"])))
    hit = index.initials(word, pinyin().readings(index.alphabet))
    assert hit is not None and hit.tolist() == [True, False]


def test_nothing_is_found_in_nothing():
    index = words_build(pa.array([], type=pa.string()))
    assert index.n == 0
    assert found(index, "菏泽") == []
    assert found(words_build(pa.array(["", ""])), "菏") == []


def test_texts_are_kept_folded():
    index = words_build(folded(pa.array(["ＡＢＣ（菏泽）", None, "a\nb"])))
    assert [index.text(row) for row in range(3)] == ["abc(菏泽)", "", "a b"]


def test_spans():
    assert spans(np.array([5, 9, 2]), np.array([7, 9, 4])).tolist() == [5, 6, 2, 3]
    assert spans(np.zeros(0), np.zeros(0)).tolist() == []


def test_a_name_of_one_reading_sorts_by_sound():
    keys = {name: pinyin().key(name) for name in ("安阳", "菏泽", "郑州", "abc", "9号")}
    assert sorted(keys, key=keys.__getitem__) == ["9号", "abc", "安阳", "菏泽", "郑州"]
