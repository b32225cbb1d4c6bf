"""Every block of Python in the README runs, and prints what the README says; its tables are true."""

import ast
import contextlib
import importlib
import inspect
import io
import re
from pathlib import Path

import pytest

import bayestuner

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```(?:\s*```text\n(.*?)```)?", README, re.DOTALL)
PACKAGES = ("gp", "acquisition", "bayestuner", "viz")
FOLDER = re.compile(r"^\| `(\w+)/` \|.*\| ([\d,]+) \|", re.MULTILINE)
WRITTEN = ("site/tutorials/", "site/reference/")  # by `make docs`


def test_every_python_block_prints_what_the_readme_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a block stores its run
    names = {"__name__": "readme"}
    assert len(BLOCKS) >= 4
    for code, expected in BLOCKS:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "README.md", "exec"), names)
        assert printed.getvalue().strip() == expected.strip()


def test_the_first_example_is_short_enough_for_a_first_screen():
    assert len([line for line in BLOCKS[0][0].splitlines() if line.strip()]) <= 12


def not_imported(code):
    """Names of our packages that a block uses and neither imports nor makes itself."""
    names = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)]
    imports = [node for node in ast.walk(ast.parse(code)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    own = {alias.name for node in imports for alias in node.names} | {
        n.id for n in names if isinstance(n.ctx, ast.Store)
    }
    public = [(name, value) for package in PACKAGES for name, value in vars(importlib.import_module(package)).items()]
    ours = {name for name, value in public if name[0] != "_" and not inspect.ismodule(value)}
    return {name.id for name in names} & ours - own


@pytest.mark.parametrize("code", [code for code, _ in BLOCKS])
def test_a_block_that_is_copied_brings_its_imports(code):
    assert not_imported(code) == set()


def test_a_missing_import_is_seen():
    assert not_imported("minimize(f, space, 3)") == {"minimize"}
    assert not_imported("from bayestuner import minimize\nhistory = minimize(f, space, 3)") == set()


def lines_in(folder):
    files = [path for path in (ROOT / folder).rglob("*.py") if not any(part in path.as_posix() for part in WRITTEN)]
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)


@pytest.mark.parametrize(("folder", "said"), FOLDER.findall(README))
def test_the_map_says_how_large_each_folder_is(folder, said):
    assert lines_in(folder) == pytest.approx(int(said.replace(",", "")), rel=0.1)


def test_the_map_has_every_folder():
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert {folder for folder, _ in FOLDER.findall(README)} == folders


def code_lines(path):
    """Lines that are neither empty nor a comment nor in a docstring."""
    text = path.read_text(encoding="utf-8")
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    strings = [n.body[0] for n in ast.walk(ast.parse(text)) if isinstance(n, documented) and ast.get_docstring(n)]
    inside = {line for string in strings for line in range(string.lineno, string.end_lineno + 1)}
    lines = enumerate(text.splitlines(), 1)
    return sum(bool(line.strip()) and line.strip()[0] != "#" and number not in inside for number, line in lines)


def test_the_mathematics_of_one_step_is_as_short_as_the_readme_says():
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    [said] = re.findall(r"about (\d+) lines", README)
    assert f"About {said} lines" in guide
    files = [name for line in re.findall(r"^\d\. .*", guide, re.MULTILINE) for name in re.findall(r"`(\S+\.py)`", line)]
    assert sum(code_lines(ROOT / name) for name in files) == pytest.approx(int(said), rel=0.1)


def test_no_section_stands_there_twice():
    headings = re.findall(r"^## .*", README, re.MULTILINE)
    assert len(headings) == len(set(headings))
    paragraphs = [part for part in README.split("\n\n") if len(part) > 60]
    assert len(paragraphs) == len(set(paragraphs))
    lines = [line for line in README.split("\n") if len(line) > 60]
    assert len(lines) == len(set(lines))
    assert re.findall(r"[^\n]\n## ", README) == []


def test_every_file_that_the_readme_names_is_there():
    targets = re.findall(r"\]\(([^)#]+)\)", README) + re.findall(r'src="([^"]+)"', README)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_each_tutorial_is_in_the_table_with_its_title():
    found = re.findall(r"\d+\. \[(.+?)\]\(tutorials/(.+?)\)", README)
    files = sorted((ROOT / "tutorials").glob("[0-9][0-9]_*.py"))
    assert found == [(path.read_text(encoding="utf-8").splitlines()[1], path.name) for path in files]


def test_the_version_to_cite_is_the_packages():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.+)$", citation, re.MULTILINE) == [bayestuner.__version__]
