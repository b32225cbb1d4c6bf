"""Every tutorial runs alone and without a warning, shows a picture, keeps the form of a lesson, uses public names."""

import ast
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TUTORIALS = sorted((ROOT / "tutorials").glob("[0-9][0-9]_*.py"))
PACKAGES = ("gp", "acquisition", "bayestuner", "viz")
PUBLIC = {*PACKAGES, "viz.style", "bayestuner.benchmarks", "bayestuner.classifier", "bayestuner.sklearn"}
NOW_READ = re.compile(r"Now read ``([\w/.]+)``, (\d+) lines")


def cells(source):
    """The cells of a percent script, [(words, lines of code)]: the first begins with the docstring."""
    first, *others = source.split("# %%\n")
    docstring = ast.parse(first).body[0]
    found = [(docstring.value.value.strip(), first.splitlines()[docstring.end_lineno :])]
    for cell in others:
        lines = cell.splitlines()
        end = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
        found.append(("\n".join(line[2:] for line in lines[:end]), lines[end:]))
    return [(words, [line for line in code if line.strip()]) for words, code in found]


def headings(words, underline):
    return re.findall(rf"^(.+)\n\{underline}{{3,}}$", words, re.MULTILINE)


def form_problems(source):
    """What an author has to change, in words."""
    lines, parts = len(source.splitlines()), cells(source)
    if not 60 <= lines <= 150:
        yield f"{lines} lines; a tutorial has 60 to 150"
    if not headings(parts[0][0], "="):
        yield "the docstring begins with no title underlined with ="
    for words, code in parts[1:]:
        if not words:
            yield f"a cell without a word, at {code[:1]}"
        if len(code) > 15:
            yield f"{len(code)} lines of code below {words[:40]!r}; say a word after 15"
    sections = [title for words, _ in parts for title in headings(words, "-")]
    if sections[-3:] != ["Exercise", "Solution", "Now read"]:
        yield f"the last sections are {sections[-3:]}, they must be Exercise, Solution, Now read"
    solution = next((i for i, (words, _) in enumerate(parts) if "Solution" in headings(words, "-")), len(parts))
    if not any(code for _, code in parts[solution:]):
        yield "the solution has no code"
    yield from _reading_problems(parts[-1][0])


def _reading_problems(words):
    found = NOW_READ.search(words)
    if not found:
        yield "the last cell does not say: Now read ``file.py``, NNN lines"
        return
    path, said = ROOT / found[1], int(found[2])
    if not path.is_file():
        yield f"{found[1]} does not exist"
    elif abs(said - len(path.read_text(encoding="utf-8").splitlines())) > 0.1 * said:
        yield f"{found[1]} has {len(path.read_text(encoding='utf-8').splitlines())} lines, not {said}"


def private_names(source):
    """Names that a learner should not need: of modules that are not public, or with a leading underscore."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] in PACKAGES and a.name not in PUBLIC)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
            if node.module not in PUBLIC:
                yield node.module
                continue
            module = importlib.import_module(node.module)
            yield from (a.name for a in node.names if a.name.startswith("_") or not hasattr(module, a.name))
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.endswith("__"):
            yield node.attr


tutorial = pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)


@tutorial
def test_it_runs_without_a_warning_and_leaves_no_file(path, tmp_path):
    environment = os.environ | {
        "MPLBACKEND": "Agg",
        "PYTHONUTF8": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]),
    }
    lesson = [sys.executable, "-W", "error", str(ROOT / "tests" / "lesson.py"), str(path)]
    done = subprocess.run(lesson, cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


@tutorial
def test_it_has_the_form_of_a_lesson(path):
    assert list(form_problems(path.read_text(encoding="utf-8"))) == []


@tutorial
def test_it_uses_public_names_only(path):
    assert list(private_names(path.read_text(encoding="utf-8"))) == []


GOOD = (
    '"""\nTitle\n=====\n\nWords.\n"""\n\nimport gp\n\n' + "# %%\n# Words.\n\nx = 1\n\n" * 10 + "# %%\n# Exercise\n"
    "# --------\n#\n# Do.\n\n# %%\n# Solution\n# --------\n#\n# So.\n\nx = 2\n\n"
    "# %%\n# Now read\n# --------\n#\n# Now read ``gp/errors.py``, 13 lines.\n"
)


def test_a_good_form_has_no_problems():
    assert list(form_problems(GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("# %%\n# Words.\n\nx = 1\n\n", "", "a tutorial has 60 to 150"),
        ("=====", "Words", "no title"),
        ("# %%\n# Words.\n\nx = 1\n\n", "# %%\nx = 1\n\n", "a cell without a word"),
        ("x = 2\n", "x = 2\n" * 16, "say a word after 15"),
        ("# Exercise\n", "# Homework\n", "the last sections are"),
        ("x = 2\n", "", "the solution has no code"),
        ("# Now read ``", "# Read ``", "the last cell does not say"),
        ("errors.py", "terrors.py", "does not exist"),
        ("13 lines", "20 lines", "has 13 lines, not 20"),
    ],
)
def test_the_check_of_the_form_can_fail(old, new, problem):
    assert any(problem in found for found in form_problems(GOOD.replace(old, new)))


@pytest.mark.parametrize(
    "line",
    [
        "from gp.linalg import cholesky",
        "from gp import _x",
        "from viz import chart2",
        "import gp.linalg",
        "run._record",
    ],
)
def test_the_check_of_names_can_fail(line):
    assert list(private_names(line))
    assert list(private_names("from gp import RBF\nfrom viz.style import LIGHT\nimport numpy\nrun.__doc__")) == []


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("x = 1", "no picture"),
        ("import matplotlib.pyplot as plt\nplt.figure().text(0.99, 0.5, 'a long word')", "cut: 'a long word'"),
        ("import warnings\nwarnings.warn('careful')", "careful"),
    ],
)
def test_the_check_of_a_run_can_fail(tmp_path, script, problem):
    (tmp_path / "01_wrong.py").write_text(script, encoding="utf-8")
    (tmp_path / "empty").mkdir()
    with pytest.raises(AssertionError, match=re.escape(problem)):
        test_it_runs_without_a_warning_and_leaves_no_file(tmp_path / "01_wrong.py", tmp_path / "empty")


def test_there_are_tutorials():
    assert TUTORIALS
