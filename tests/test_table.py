import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayestuner.classifier import as_table, read_table
from gp.errors import DataError

REAL = Path(__file__).parents[2] / "shared" / "data" / "jh-simple-dataset.csv"
GOOD = "size,colour,kind\n" + "".join(
    f"{k % 7}.5,{'red' if k % 2 else 'blue'},{'yes' if k % 3 else 'no'}\n" for k in range(12)
)


def write(folder, text, name="data.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def replaced(line, text):
    """Return the good file with one line (counted from 1) replaced."""
    lines = GOOD.splitlines()
    lines[line - 1] = text
    return "\n".join(lines)


def with_column(name, values):
    rows = GOOD.splitlines()
    return "\n".join(f"{cell},{row}" for cell, row in zip([name, *values], rows, strict=True))


def test_a_good_file(tmp_path):
    table = read_table(write(tmp_path, GOOD), "kind")
    assert table.numeric == ("size",)
    assert table.categorical == ("colour",)
    assert table.classes == ("no", "yes")
    assert table.features["size"].tolist()[:2] == [0.5, 1.5]
    assert table.labels.tolist()[:3] == ["no", "yes", "yes"]
    assert table.codes.tolist()[:3] == [0, 1, 1]
    assert table.notes == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["is empty"]),
        ("\n \n", ["is empty"]),
        ("size,colour,kind\n", ["no rows"]),
        ("only\n1\n2\n", ["line 1", "1 column", "commas"]),
        (GOOD.replace("size,colour", "size,size"), ["size appears twice", "rename"]),
        (replaced(5, "1.5,red"), ["line 5", "2 cells", "3"]),
        (replaced(5, "1.5,red,yes,more"), ["line 5", "4 cells", "3"]),
        (replaced(5, "inf,red,yes"), ["line 5", "column size", "inf", "infinite"]),
        (replaced(5, "1e400,red,yes"), ["line 5", "column size", "1e400", "too large"]),
        (replaced(5, "tall,red,yes"), ["line 5", "column size", "'tall'", "categorical"]),
        (replaced(5, '"1,5",red,yes'), ["line 5", "column size", "decimal comma", "1.5"]),
        (GOOD.replace("yes", "no"), ["2 classes", "'no'"]),
        (replaced(5, "1.5,red,maybe"), ["'maybe'", "1 row", "merge"]),
        ("a,kind\n" + "1,yes\n1,no\n" * 6, ["no usable column", "constant"]),
    ],
)
def test_bad_files_say_where_in_one_line(tmp_path, text, said):
    path = write(tmp_path, text)
    with pytest.raises(DataError) as error:
        read_table(path, "kind")
    message = str(error.value)
    assert all(word in message for word in [str(path), *said]), message
    assert "\n" not in message


def test_target_missing_names_the_nearest(tmp_path):
    with pytest.raises(DataError, match=r"no column 'kinds': did you mean 'kind'\? its columns are size, colour, kind"):
        read_table(write(tmp_path, GOOD), "kinds")


def test_dropping_an_unknown_column_is_an_error(tmp_path):
    with pytest.raises(DataError, match="no column 'weight'"):
        read_table(write(tmp_path, GOOD), "kind", drop=["weight"])


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators_are_detected(tmp_path, separator):
    table = read_table(write(tmp_path, GOOD.replace(",", separator)), "kind")
    assert table.numeric == ("size",)
    assert "separated by" in table.notes[0]


def test_decimal_comma_throughout_a_semicolon_file(tmp_path):
    with pytest.raises(DataError, match=r"line 2, column size: '0,5' has a decimal comma: write 0\.5"):
        read_table(write(tmp_path, GOOD.replace(",", ";").replace(".", ",")), "kind")


@pytest.mark.parametrize(
    ("name", "values", "note"),
    [
        ("id", range(12), "id: it looks like an id"),
        ("id", [f"{10**19 + k}" for k in range(12)], "id: it looks like an id"),
        ("name", [f"n{k}" for k in range(12)], "name: it looks like an id"),
        ("", range(12), "column 1: it looks like an id"),
        ("empty", [""] * 12, "empty: all values are missing"),
        ("same", ["7"] * 12, "same: it is constant (7"),
    ],
)
def test_useless_columns_are_dropped_with_a_note(tmp_path, name, values, note):
    table = read_table(write(tmp_path, with_column(name, values)), "kind")
    assert list(table.features) == ["size", "colour"]
    assert f"dropped column {note}" in table.notes[0]


def test_unique_measurements_are_no_ids(tmp_path):
    table = read_table(write(tmp_path, with_column("length", [k + 0.25 for k in range(12)])), "kind")
    assert table.numeric == ("length", "size")


def test_long_ids_do_not_run_into_one_another(tmp_path):
    ids = [10**19 + k // 2 for k in range(12)]
    table = read_table(write(tmp_path, with_column("id", ids)), "kind")
    assert "id" in table.categorical
    assert table.features["id"].nunique() == 6


def test_too_many_levels():
    frame = pd.DataFrame(
        {"street": [f"s{k % 60}" for k in range(120)], "x": np.arange(120) % 7, "kind": ["a", "b"] * 60}
    )
    table = as_table(frame, "kind")
    assert "street: 60 different texts" in table.notes[0]
    assert "street" in as_table(frame, "kind", categorical=["street"]).categorical


def test_numbers_as_texts_when_asked(tmp_path):
    table = read_table(write(tmp_path, with_column("zone", ["01", "02", "03"] * 4)), "kind", categorical=["zone"])
    assert table.features["zone"].tolist()[:3] == ["01", "02", "03"]
    assert "zone" in table.categorical


def test_rows_without_target_are_dropped_with_their_count(tmp_path):
    table = read_table(write(tmp_path, GOOD + "1.5,red,\n2.5,blue,  \n"), "kind")
    assert "2 rows without a target dropped" in table.notes
    assert len(table.labels) == len(table.features) == 12


def test_labels_called_na_and_none_stay_labels(tmp_path):
    table = read_table(write(tmp_path, GOOD.replace("yes", "NA").replace(",no", ",None")), "kind")
    assert table.classes == ("NA", "None")


def test_labels_are_stripped_and_case_is_reported(tmp_path):
    text = "size,kind\n" + "1.5,yes\n2.5, yes \n3.5,Yes\n4.5,no\n" * 4
    table = read_table(write(tmp_path, text), "kind")
    assert table.classes == ("Yes", "no", "yes")
    assert "blanks around 4 labels removed" in table.notes
    assert any("'Yes', 'yes' differ in case" in note for note in table.notes)


def test_byte_order_mark_and_umlauts(tmp_path):
    text = GOOD.replace("colour", "größe").replace("yes", "süß")
    table = read_table(write(tmp_path, text, encoding="utf-8-sig"), "kind")
    assert table.numeric == ("size",)
    assert table.categorical == ("größe",)
    assert table.classes == ("no", "süß")


def test_latin_1_is_refused_with_its_line(tmp_path):
    path = write(tmp_path, GOOD + "1.5,grün,yes\n", encoding="latin-1")
    with pytest.raises(DataError, match=r"line 14.*UTF-8"):
        read_table(path, "kind")


def test_missing_cells_become_nan(tmp_path):
    table = read_table(write(tmp_path, replaced(2, "NA,,yes")), "kind")
    assert table.features.iloc[0].isna().all()
    assert table.numeric == ("size",)


def test_quoted_separators_and_line_numbers_after_quoted_line_breaks(tmp_path):
    text = 'size,colour,kind\n1.5,"red, dark",yes\n2.5,"two\nlines",no\n1.5,red\n'
    with pytest.raises(DataError, match="line 5: 2 cells"):
        read_table(write(tmp_path, text), "kind")


def test_target_copied_into_a_feature_is_noticed(tmp_path):
    kinds = [line.rsplit(",", 1)[1] for line in GOOD.splitlines()[1:]]
    table = read_table(write(tmp_path, with_column("leak", [f"is {kind}" for kind in kinds])), "kind")
    assert any("leak alone determines kind" in note for note in table.notes)


def test_what_cannot_be_opened(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.csv"):
        read_table(tmp_path / "nothing.csv", "kind")
    with pytest.raises(IsADirectoryError):
        read_table(tmp_path, "kind")
    locked = write(tmp_path, GOOD, "locked.csv")
    locked.chmod(0)
    if os.access(locked, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(PermissionError):
        read_table(locked, "kind")


def test_a_frame_gets_the_same_checks():
    frame = pd.DataFrame({"x": [1.0, np.inf, 2.5] * 4, "ok": [True, False] * 6, "kind": [0, 1] * 6})
    with pytest.raises(DataError, match="the frame, row 1, column x: inf"):
        as_table(frame, "kind")
    table = as_table(frame.assign(x=frame["x"].replace(np.inf, np.nan)), "kind", drop=["ok"])
    assert table.classes == ("0", "1")
    with pytest.raises(DataError, match="appears twice"):
        as_table(pd.concat([frame, frame["x"]], axis=1), "kind")


def test_frames_with_repeated_row_names_and_numbered_columns():
    frame = pd.DataFrame({0: [1.5, 2.5, 3.5] * 4, 1: list("xy") * 6, "kind": ["a", "b"] * 6}, index=[0, 1] * 6)
    assert as_table(frame, "kind").numeric == ("0",)


def test_the_frame_given_is_not_changed():
    frame = pd.DataFrame({"x": [" 1.5", "2", ""] * 4, "kind": [" a", "b"] * 6})
    before = frame.copy()
    as_table(frame, "kind")
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.skipif(not REAL.exists(), reason="the real table is not part of the repository")
def test_the_real_table():
    table = read_table(REAL, "product")
    assert table.classes == tuple("abcdefg")
    assert table.categorical == ("job", "area")
    assert len(table.numeric) == 10
    assert table.features["income"].isna().sum() == 59
    assert table.notes == ("dropped column id: it looks like an id, unique in every row",)
