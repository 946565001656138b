"""`hipcue report`: which logs make one report, what is refused, exit codes."""

import json

import pytest
from report_page import fact, words
from synthetic_log import sealed, step

from hipcue.contract import record
from host_tools import cli
from host_tools.errors import INTEGRITY, INTERRUPTED, OK, USAGE


def run(capsys, *arguments):
    """Return (exit code, what was printed, the sentence on stderr)."""
    code = cli.main(["report", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err.strip()


def log(session=7, clip=b"\x02HIPCU", steps=20, runner=None):
    """Return a whole log of a few steps."""
    return b"".join(sealed(*(step(700 * k) for k in range(steps)), session=session, clip=clip, runner=runner))


@pytest.fixture
def folder(tmp_path):
    """A runner's folder with two sessions of one clip."""
    runner = tmp_path / "logs" / "runner"
    runner.mkdir(parents=True)
    (runner / "00000007.hcl").write_bytes(log(7))
    (runner / "00000008.hcl").write_bytes(log(8))
    return runner


def test_a_log_has_its_report_beside_it(folder, capsys):
    code, said, _ = run(capsys, folder / "00000007.hcl")
    assert code == OK
    assert "Report: %s" % (folder / "00000007.html") in said
    assert "Session 7 of clip" in words((folder / "00000007.html").read_text())


def test_a_folder_has_one_report(folder, capsys):
    code, _, _ = run(capsys, folder)
    assert code == OK
    html = (folder / "report.html").read_text()
    assert "Sessions 7, 8 of clip" in words(html)
    assert fact(html, "Steps")[0] == "40"


def test_a_folder_to_write_to_gets_the_page_in_it(folder, tmp_path, capsys):
    """A folder that is there, or one to be made: a path that ends in a slash."""
    (tmp_path / "kept").mkdir()
    for out in (str(tmp_path / "kept"), str(tmp_path / "new" / "below") + "/"):
        code, said, sentence = run(capsys, folder / "00000007.hcl", "--out", out)
        page = "%s/report.html" % out.rstrip("/")
        assert (code, sentence) == (OK, "") and "Report: %s\n" % page in said
        with open(page) as file:
            assert "Session 7 of clip" in words(file.read())


def test_no_folder_is_made_for_logs_that_cannot_be_read(tmp_path, capsys):
    assert run(capsys, tmp_path / "none.hcl", "--out", str(tmp_path / "new") + "/")[0] == USAGE
    assert not (tmp_path / "new").exists()


def test_logs_and_their_folder_give_the_same_page(folder, tmp_path, capsys):
    run(capsys, folder, "--out", tmp_path / "a.html")
    run(capsys, folder / "00000008.hcl", folder / "00000007.hcl", "--out", tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_folder_with_one_folder_of_logs_is_that_one(folder, capsys):
    assert run(capsys, folder.parent)[0] == OK
    assert (folder / "report.html").exists()


def test_what_is_still_arriving_above_the_folders_is_no_log_of_theirs(folder, capsys):
    (folder.parent / "024849504355-00000009.hcl.part").write_bytes(log(9)[: -2 * record.BLOCK_BYTES])
    assert run(capsys, folder.parent)[0] == OK
    assert fact((folder / "report.html").read_text(), "Steps")[0] == "40"


def test_several_clips_are_refused_unless_they_stand_in_one_folder(folder, capsys):
    other = folder / "00000009.hcl"
    other.write_bytes(log(9, clip=b"\x02OTHER"))
    code, said, sentence = run(capsys, folder / "00000007.hcl", other)
    assert (code, said) == (USAGE, "")
    assert sentence.startswith("These logs are of 2 clips (024849504355, 024f54484552)")
    assert sentence.count("\n") == 0
    assert not (folder / "report.html").exists()
    assert run(capsys, folder)[0] == OK


def test_logs_of_several_runners_are_refused_even_in_one_folder(folder, capsys):
    (folder / "00000008.hcl").write_bytes(log(8, runner="R017"))
    (folder / "00000009.hcl").write_bytes(log(9, runner="R012"))
    refused = (USAGE, "", "These logs are of 2 runners (R012, R017); name one runner's.")
    assert run(capsys, folder) == refused
    assert run(capsys, folder / "00000008.hcl", folder / "00000009.hcl") == refused
    assert not list(folder.glob("*.html"))


def test_a_runner_of_several_clips_has_one_report(tmp_path, capsys):
    """Sessions are counted by each clip: there are two of the number 7, and neither is a copy."""
    runner = tmp_path / "R017"
    runner.mkdir()
    for name, clip, named in (("a", b"\x02HIPCU", "R017"), ("b", b"\x02OTHER", None)):
        (runner / (name + ".hcl")).write_bytes(log(7, clip, runner=named))
    code, said, sentence = run(capsys, runner)
    assert (code, sentence) == (OK, "")
    html = (runner / "report.html").read_text()
    assert "<h1>Pelvic drop and glutes in running: R017</h1>" in html and fact(html, "Steps")[0] == "40"
    assert "Sessions 7 of clip 024849504355; 7 of clip 024f54484552" in words(html)
    assert "session 7 of 4355" in words(html) and "session 7 of 4552" in words(html)
    run(capsys, runner / "b.hcl", runner / "a.hcl", "--out", tmp_path / "b.html")  # both R017's: one by its folder
    assert (tmp_path / "b.html").read_text() == html


def test_folders_of_several_runners_are_refused(folder, capsys):
    second = folder.parent / "second"
    second.mkdir()
    (second / "00000001.hcl").write_bytes(log(1))
    code, _, sentence = run(capsys, folder.parent)
    assert (code, sentence) == (
        USAGE,
        "%s holds the folders of 2 clips or runners; name one of them." % folder.parent,
    )


@pytest.mark.parametrize("arguments", [["{empty}"], ["{folder}", "{folder}"], ["{folder}/none.hcl"]])
def test_what_names_no_logs_is_refused_in_one_sentence(arguments, folder, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    named = [word.format(empty=tmp_path / "empty", folder=folder) for word in arguments]
    code, said, sentence = run(capsys, *named)
    assert (code, said) == (USAGE, "")
    assert sentence and "\n" not in sentence


def test_a_log_that_cannot_be_read_does_not_keep_the_others_from_theirs(folder, capsys):
    (folder / "00000009.hcl").write_bytes(bytes(2000))
    code, _, sentence = run(capsys, folder)
    assert code == INTEGRITY
    assert sentence == "%s holds no whole block of a HipCue log; pull the session again. It is left out." % (
        folder / "00000009.hcl"
    )
    assert fact((folder / "report.html").read_text(), "Steps")[0] == "40"
    assert run(capsys, folder / "00000009.hcl")[0] == INTEGRITY
    for name in ("00000007.hcl", "00000008.hcl"):
        (folder / name).write_bytes(bytes(2000))
    assert run(capsys, folder)[2].endswith("No log in %s can be read; pull the sessions again." % folder)


def test_a_copy_of_a_session_counts_once(folder, capsys):
    whole = log(8)
    cut = folder / "00000008-1.hcl"
    cut.write_bytes(whole[: -2 * record.BLOCK_BYTES])
    _, _, sentence = run(capsys, folder)
    assert sentence == "Session 8 of clip 024849504355 is there twice; the fuller log counts."
    assert fact((folder / "report.html").read_text(), "Steps")[0] == "40"
    run(capsys, folder / "00000008.hcl", cut)
    assert fact((folder / "report.html").read_text(), "Steps")[0] == "20"


def test_what_has_come_of_an_interrupted_download_is_in_the_report(folder, capsys):
    (folder / "00000009.hcl.part").write_bytes(log(9)[: -2 * record.BLOCK_BYTES])
    code, said, _ = run(capsys, folder)
    assert code == INTERRUPTED
    assert "Session 9 of clip 024849504355: download interrupted." in said
    assert "2 of 3 logs are whole." in words((folder / "report.html").read_text())


def test_json_names_every_session(folder, capsys):
    _, said, _ = run(capsys, folder, "--json")
    result = json.loads(said)
    assert [row["session"] for row in result["sessions"]] == [7, 8]
    assert result["report"] == str(folder / "report.html")
    assert (result["unread"], result["exit_code"]) == ([], OK)
