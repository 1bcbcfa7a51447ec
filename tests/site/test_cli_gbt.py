"""`anlan cap to-gbt` and `from-gbt`: the message on stdout, the report beside it, errors in both languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anlan.kernel.problem import Invalid
from anlan.site.cli_cap import cap as app
from anlan.warning.formats import cap, gbt

NATIONAL = Path(__file__).parents[1] / "warning" / "gbt" / "data" / "national.xml"
runner = CliRunner()


@pytest.fixture
def message(tmp_path: Path) -> Path:
    """A CAP message that follows from the national one."""
    alert, _ = gbt.from_gbt(gbt.read(NATIONAL.read_bytes())[0])
    path = tmp_path / "cap.xml"
    path.write_bytes(cap.write(alert))
    return path


def test_both_ways_give_the_message_on_stdout_and_the_report_on_stderr(message: Path):
    turned = runner.invoke(app, ["to-gbt", str(message)])
    assert turned.exit_code == 0
    assert gbt.read(turned.stdout_bytes)[0].infos[0].severity == "Red"
    report = json.loads(turned.stderr)
    assert report["fit"] is True
    assert report["items"] == []
    back = runner.invoke(app, ["from-gbt", str(NATIONAL)])
    assert back.exit_code == 0
    assert back.stdout_bytes == message.read_bytes()
    told = json.loads(back.stderr)
    assert told["fit"] is True
    assert {item["path"] for item in told["items"]} >= {"/alert/phone", "/alert/info[1]/senderName"}
    assert [finding["path"] for finding in told["read"]] == ["/alert/info[1]/colourCode"]
    assert [finding["code"] for finding in told["findings"]] == ["gbt.identity_old"]


def test_the_report_goes_to_a_file(message: Path, tmp_path: Path):
    report = tmp_path / "report.json"
    turned = runner.invoke(app, ["to-gbt", str(message), "--report", str(report), "--issuer", "41010041600000"])
    assert turned.exit_code == 0
    assert turned.stderr == ""
    items = json.loads(report.read_text())["items"]
    assert [(item["kind"], item["path"]) for item in items] == [
        ("changed", "/alert/identifier"),
        ("changed", "/alert/sender"),
    ]
    assert all(item["zh"] and item["en"] for item in items)


def test_what_the_reader_mended_or_had_no_place_for_is_told_too(message: Path, tmp_path: Path):
    odd = tmp_path / "odd.xml"
    text = message.read_text("utf-8").replace("2021-07-19T21:59:00+08:00</sent>", "2021-07-19T13:59:00Z</sent>")
    odd.write_text(text.replace("</alert>", "<extra>x</extra></alert>"))
    report = json.loads(runner.invoke(app, ["to-gbt", str(odd)]).stderr)
    assert "/alert/sent" in {finding["path"] for finding in report["read"]}
    (kept,) = report["kept_out"]
    assert "<extra" in kept["xml"].replace("ns0:", "")


def test_strict_writes_nothing_that_breaks_a_rule(message: Path, tmp_path: Path):
    foreign = tmp_path / "foreign.xml"
    foreign.write_text(message.read_text("utf-8").replace("41018141600000</sender>", "a@b</sender>"))
    loose = runner.invoke(app, ["to-gbt", str(foreign)])
    assert json.loads(loose.stderr)["fit"] is False
    strict = runner.invoke(app, ["to-gbt", str(foreign), "--strict"])
    assert isinstance(strict.exception, Invalid)
    assert "senderCode" in strict.exception.en
    assert strict.stdout_bytes == b""
    assert runner.invoke(app, ["to-gbt", str(foreign), "--strict", "--issuer", "41018141600000"]).exit_code == 0
    bare = tmp_path / "bare.xml"
    bare.write_text(NATIONAL.read_text("utf-8").replace("<urgency>Unknown</urgency>", ""))
    assert json.loads(runner.invoke(app, ["from-gbt", str(bare)]).stderr)["fit"] is False
    refused = runner.invoke(app, ["from-gbt", str(bare), "--strict"])
    assert isinstance(refused.exception, Invalid)
    assert refused.stdout_bytes == b""


def test_a_table_of_ones_own_names_the_elements(message: Path, tmp_path: Path):
    own = tmp_path / "own.yaml"
    given = Path(gbt.__file__).parent / "table.yaml"
    own.write_text(given.read_text("utf-8").replace("severity: severity", "severity: level"), "utf-8")
    assert b"<level>Red</level>" in runner.invoke(app, ["to-gbt", str(message), "--table", str(own)]).stdout_bytes


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["to-gbt", "nowhere.xml"], "nowhere.xml"),
        (["from-gbt", "nowhere.xml"], "nowhere.xml"),
        (["to-gbt", str(NATIONAL), "--table", "nowhere.yaml"], "nowhere.yaml"),
        (["from-gbt", str(NATIONAL), "--report", "nowhere/report.json"], "nowhere/report.json"),
        (["to-gbt", str(Path(__file__))], "holds 0 CAP messages"),
        (["from-gbt", str(Path(__file__))], "not well-formed"),
    ],
)
def test_errors_name_the_file_and_what_to_do(words: list[str], said: str):
    result = runner.invoke(app, words)
    assert isinstance(result.exception, Invalid)
    assert said in result.exception.en
    assert result.exception.zh
    assert result.stdout_bytes == b""


def test_check_by_profile_tells_what_it_finds_and_whether_it_is_kept(message: Path):
    result = runner.invoke(app, ["check", str(message), "--profile", "gbt", "--profile", "wmo"])
    assert result.exit_code == 0
    line = json.loads(result.stdout)
    assert line["verdict"] == "valid"
    assert line["profiles"] == {"gbt": False, "wmo": False}
    codes = {finding["code"]: finding["path"] for finding in line["findings"]}
    assert codes["gbt.identifier"] == codes["wmo.identifier"] == "/alert/identifier"
    plain = json.loads(runner.invoke(app, ["check", str(message)]).stdout)
    assert "profiles" not in plain
    assert plain["findings"] == [one for one in line["findings"] if "." not in one["code"]]


def test_check_by_profile_looks_into_containers_and_refuses_unknown_names(message: Path, tmp_path: Path):
    feed = tmp_path / "feed.xml"
    alert = message.read_text("utf-8").partition("?>")[2]
    feed.write_text(f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><content>{alert}</content></entry></feed>')
    line = json.loads(runner.invoke(app, ["check", str(feed), "--profile", "gbt"]).stdout)
    assert line["profiles"] == {"gbt": False}
    assert "/embedded[1]/alert/identifier" in {finding["path"] for finding in line["findings"]}
    none = json.loads(runner.invoke(app, ["check", __file__, "--profile", "gbt"]).stdout)
    assert none["profiles"] == {"gbt": None}
    unknown = runner.invoke(app, ["check", str(message), "--profile", "nasa"])
    assert isinstance(unknown.exception, Invalid)
    assert unknown.stdout == ""
