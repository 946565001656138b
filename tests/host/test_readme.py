"""README and tables hold together: the settings between its markers are contract.config.TABLE."""

from pathlib import Path

from hipcue.contract import config

README = Path(__file__).resolve().parents[2] / "README.md"
HEAD = ["setting", "default", "range", "unit", "meaning"]


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def test_settings():
    """Every row, in the table's order: name, default, least to most, unit, meaning."""
    text = README.read_text(encoding="utf-8")
    assert text.count("<!-- config -->") == text.count("<!-- /config -->") == 1
    between = text.split("<!-- config -->")[1].split("<!-- /config -->")[0]
    rows = [cells(line) for line in between.splitlines() if line.startswith("|")]
    assert rows[0] == HEAD and set("".join(rows[1])) == {"-"}
    assert rows[2:] == [
        ["`%s`" % name, str(default), "%s to %s" % (least, most), unit, meaning]
        for name, default, least, most, unit, meaning in config.TABLE
    ]
