"""`anlan grade` says the grade and its text in both languages, without a database."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from anlan.site.cli import app

RUN = CliRunner()


def said(*words: str) -> str:
    done = RUN.invoke(app, ["grade", *words])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize(
    ("deaths", "injured", "loss", "name"),
    [(3, 0, 0, "较大"), (2, 10, 0, "较大"), (0, 0, 1000, "较大"), (9, 49, 4999, "较大"), (10, 0, 0, "重大"),
     (29, 99, 9999, "重大"), (1, 100, 0, "特别重大"), (0, 0, 10000, "特别重大"), (2, 9, 999, "一般")],
)  # fmt: skip
def test_the_oracle(deaths: int, injured: int, loss: int, name: str) -> None:
    output = said("--type", "work_safety", "--deaths", str(deaths), "--injured", str(injured), "--loss", str(loss))
    assert output.startswith(f"{name}  ")
    assert "国务院令第493号" in output
    assert "Decree 493" in output


def test_texts_switch_by_date_and_the_answer_is_json_too() -> None:
    told = ("--type", "earthquake", "--deaths", "15", "--json", "--at")
    new, old = (json.loads(said(*told, day)) for day in ("2020-01-01", "2010-01-01"))
    assert (new["grade"], new["version"], old["grade"], old["version"]) == (
        "relatively_serious", "2012", "ordinary", "2006")  # fmt: skip
    guess = json.loads(said("--type", "11C00", "--magnitude", "6.2", "--density", "dense", "--json"))
    assert (guess["grade"], guess["first_guess"], guess["mark"]) == ("especially_serious", True, "S")
    danger = json.loads(said("--type", "chemical", "--figure", "relocated=10000", "--json"))
    assert (danger["grade"], danger["mark"]) == ("serious", "G")
    assert "特大型" in said("--type", "geological", "--loss", "1000")
    assert "重大" in said("--type", "work_safety", "--deaths", "2", "--missing", "8")


def test_what_has_no_grade_says_so_and_what_is_unknown_is_refused() -> None:
    assert "未定级" in said("--type", "13000", "--deaths", "3")
    assert "未达到" in said("--type", "earthquake", "--magnitude", "3.2", "--density", "dense")
    for words in (("--type", "storm"), ("--type", "earthquake", "--density", "full"), ("--type", "12D00", "--at", "x"),
                  ("--type", "12D00", "--figure", "ghosts=1"), ("--type", "12D00", "--figure", "trapped=many"),
                  ("--type", "12D00", "--deaths", "-1")):  # fmt: skip
        assert RUN.invoke(app, ["grade", *words]).exit_code == 2, words


def test_relief_says_the_level_and_lowers_its_thresholds_for_a_weak_area() -> None:
    plain = ["--type", "relief", "--deaths", "90", "--missing", "15", "--json"]
    told, weak = json.loads(said(*plain)), json.loads(said(*plain, "--weak"))
    assert [(one["level"], one["item"], one["mark"], one["factor"]) for one in (told, weak)] == [
        (2, "2(1)", "G", 1.0), (1, "1(1)", "S", 0.5)]  # fmt: skip
    linked = json.loads(
        said("--type", "relief", "--figure", "dead_missing=160", "--figure", "neighbour_level=1", "--json")
    )
    assert linked["item"] == "1(1)联动"
    assert "国办函〔2024〕11号" in said("--type", "relief", "--deaths", "20")
    assert json.loads(said("--type", "relief", "--deaths", "3", "--json"))["level"] == 0
    for words in (["--type", "relief", "--figure", "rain=3"], ["--type", "work_safety", "--deaths", "1", "--weak"]):
        assert RUN.invoke(app, ["grade", *words]).exit_code == 2, words
