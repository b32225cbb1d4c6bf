"""The fault catalogue, section 8: tables that cannot be learned from, and tables that can with a notice.

Every case of the section is here. Of C19 the row of a class that only the test rows have cannot come about, because
the splits are stratified: what is tested is that each class is in every training part.
"""

import os

import numpy as np
import pytest

from bayestuner import DataError
from bayestuner.classifier import Objective, read_table
from bayestuner.classifier.splits import split
from bayestuner.cli import main

GOOD = "size,colour,kind\n" + "".join(
    f"{k % 7}.5,{'red' if k % 2 else 'blue'},{'yes' if k % 3 else 'no'}\n" for k in range(24)
)
ROWS = GOOD.splitlines()


def with_line(number, text):
    """The good file with one line, counted from 1, replaced."""
    return "\n".join([*ROWS[: number - 1], text, *ROWS[number:]]) + "\n"


def with_column(name, values):
    """The good file with a column in front."""
    return "".join(f"{cell},{row}\n" for cell, row in zip([name, *values], ROWS, strict=True))


def write(folder, content, name="data.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


REFUSED = {
    "C01-target": (GOOD.replace("kind", "kinds"), ["no column 'kind'", "did you mean 'kinds'", "size, colour, kinds"]),
    "C02-empty": ("", ["is empty"]),
    "C02-blank": ("\n  \n", ["is empty"]),
    "C02-header": ("size,colour,kind\n", ["no rows"]),
    "C03-names": (GOOD.replace("colour", "size"), ["line 1", "size appears twice", "rename"]),
    "C04-one-column": ("kind\nyes\nno\n", ["line 1", "1 column", "commas"]),
    "C05-nothing-else": ("a,kind\n" + ",yes\n,no\n" * 6, ["no usable column", "all values are missing"]),
    "C06-nothing-else": ("a,kind\n" + "1,yes\n1,no\n" * 6, ["no usable column", "constant"]),
    "C07-bad-cell": (with_line(5, "tall,red,yes"), ["line 5", "column size", "'tall'", "--categorical"]),
    "C08-one-class": (GOOD.replace("yes", "no"), ["at least 2 classes", "'no'"]),
    "C09-one-row": (with_line(5, "1.5,red,maybe"), ["'maybe'", "1 row", "merge"]),
    "C12-latin-1": (GOOD.replace("red", "grün").encode("latin-1"), ["line 3", "0xfc", "UTF-8", "Latin-1"]),
    "C12-utf-16": (GOOD.encode("utf-16"), ["line 1", "not UTF-8"]),
    "C13-fewer": (with_line(5, "1.5,red"), ["line 5", "2 cells", "has 3"]),
    "C13-more": (with_line(5, "1.5,red,yes,more"), ["line 5", "4 cells", "has 3"]),
    "C15-inf": (with_line(5, "inf,red,yes"), ["line 5", "column size", "inf", "infinite"]),
    "C15-1e400": (with_line(5, "1e400,red,yes"), ["line 5", "column size", "1e400", "too large"]),
    "C18-cell": (with_line(5, '"1,5",red,yes'), ["line 5", "column size", "decimal comma", "1.5"]),
    "C18-file": (GOOD.replace(",", ";").replace(".", ","), ["line 2", "column size", "decimal comma", "0.5"]),
}


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=REFUSED)
def test_refused_in_one_line_that_says_where(content, words, tmp_path):
    path = write(tmp_path, content)
    with pytest.raises(DataError) as error:
        read_table(path, "kind")
    message = str(error.value)
    assert "\n" not in message
    assert [word for word in [str(path), *words] if word not in message] == []


@pytest.mark.parametrize("case", ["C01-target", "C07-bad-cell", "C12-latin-1", "C15-inf"])
def test_the_command_says_the_same_and_makes_nothing(case, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    content, words = REFUSED[case]
    write(tmp_path, content)
    assert main(["tune", "--data", "data.csv", "--target", "kind", "--out", "runs"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert [word for word in words if word not in said.err] == []
    assert os.listdir(tmp_path) == ["data.csv"]


IDS = [f"{9007199254740992 + k // 4}" for k in range(24)]  # neighbours that floats cannot tell apart
TAKEN = {
    "C04-semicolon": (GOOD.replace(",", ";"), lambda t: t.numeric == ("size",), "separated by ';'"),
    "C04-tab": (GOOD.replace(",", "\t"), lambda t: t.numeric == ("size",), "separated by"),
    "C05-column": (with_column("gone", [""] * 24), lambda t: "gone" not in t.features, "gone: all values are missing"),
    "C06-column": (with_column("same", ["7"] * 24), lambda t: "same" not in t.features, "same: it is constant (7"),
    "C07-levels": (GOOD, lambda t: t.categorical == ("colour",), ""),
    "C07-too-many": (
        "x,t,kind\n" + "".join(f"{k % 7}.5,w{k % 60},{'ab'[k % 2]}\n" for k in range(120)),
        lambda t: list(t.features) == ["x"],
        "60 different texts, more than 50",
    ),
    "C10-target": (GOOD + "1.5,red,\n2.5,red, \n", lambda t: len(t.labels) == 24, "2 rows without a target dropped"),
    "C11-kept-apart": (with_column("id", IDS), lambda t: t.features["id"].nunique() == 6, ""),
    "C11-with-a-gap": (with_column("id", ["", *IDS[1:]]), lambda t: t.features["id"].nunique() == 6, ""),
    "C11-id": (with_column("id", range(10**19, 10**19 + 24)), lambda t: "id" not in t.features, "looks like an id"),
    "C12-names": (
        GOOD.replace("colour", "größe").replace("yes", "süß"), lambda t: t.classes == ("no", "süß"), "",
    ),
    "C12-mark": (GOOD.encode("utf-8-sig"), lambda t: list(t.features) == ["size", "colour"], ""),
    "C16-words": (
        GOOD.replace("yes", "NA").replace(",no", ",None"), lambda t: t.classes == ("NA", "None"), "",
    ),
    "C17-blanks": (GOOD.replace("yes", " yes "), lambda t: t.classes == ("no", "yes"), "blanks around 16 labels"),
    "C17-case": (
        GOOD.replace("yes\n0", "Yes\n0").replace("yes\n6", "Yes\n6"),
        lambda t: t.classes == ("Yes", "no", "yes"),
        "'Yes', 'yes' differ in case only",
    ),
    "C20-leak": (
        with_column("leak", [f"is {row.rsplit(',', 1)[1]}" for row in ROWS[1:]]),
        lambda t: "leak" in t.features,
        "leak alone determines kind",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "holds", "note"), TAKEN.values(), ids=TAKEN)
def test_taken_with_a_notice(content, holds, note, tmp_path):
    table = read_table(write(tmp_path, content), "kind")
    assert holds(table)
    assert note in "; ".join(table.notes)
    assert bool(note) == bool(table.notes)


def test_c09_a_class_of_fewer_rows_than_folds_is_trained_on_in_every_fold(tmp_path):
    rows = "".join(f"{k % 9}.5,{'rare' if k < 3 else 'ab'[k % 2]}\n" for k in range(60))
    table = read_table(write(tmp_path, "size,kind\n" + rows), "kind")
    splits = Objective(table, folds=5).splits
    assert all(set(table.codes[training]) == {0, 1, 2} for training, _ in splits.folds)


@pytest.mark.parametrize("seed", range(20))
def test_c19_no_class_is_in_the_test_rows_only(seed):
    codes = np.repeat([0, 1, 2], [60, 30, 3])
    splits = split(codes, seed=seed)
    assert set(codes[splits.test]) <= set(codes[splits.train]) == {0, 1, 2}
    assert all(set(codes[validation]) <= set(codes[training]) for training, validation in splits.folds)


def test_c14_what_cannot_be_opened(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.csv"):
        read_table(tmp_path / "nothing.csv", "kind")
    with pytest.raises(IsADirectoryError):
        read_table(tmp_path, "kind")
    locked = write(tmp_path, GOOD, "locked.csv")
    locked.chmod(0)
    if os.access(locked, os.R_OK):
        return  # the superuser may read everything
    with pytest.raises(PermissionError):
        read_table(locked, "kind")


@pytest.mark.parametrize("name", ["nothing.csv", "."])
def test_c14_the_command_is_one_line(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["tune", "--data", name, "--target", "kind"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_c20_all_rows_identical(tmp_path):
    with pytest.raises(DataError, match="no usable column"):
        read_table(write(tmp_path, "a,b,kind\n" + "1.5,x,yes\n" * 6 + "1.5,x,no\n" * 6), "kind")
