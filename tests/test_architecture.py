"""The layout's enforcement and its documentation: imports run one way, gp <- acquisition <- bayestuner <- viz."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ["gp", "acquisition", "bayestuner", "viz"]
EDGES = ("bayestuner/classifier/", "bayestuner/sklearn.py", "bayestuner/cli.py")  # may import anything
HEAVY = {"torch", "sklearn", "pandas"}


def imports(tree):
    """Every import that runs: (module, whether relative, name of the function it is in)."""
    todo = [(tree, "")]
    while todo:
        node, function = todo.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, False, function) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module or "", node.level > 0, function
        inside = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else function
        todo += [(child, inside) for child in ast.iter_child_nodes(node)]


def problems(path, source):
    """What a contributor has to change in a file, in words."""
    package, edge = path.split("/")[0], path.startswith(EDGES)
    for module, relative, function in imports(ast.parse(source)):
        top = module.split(".")[0]
        if relative:
            continue
        if top == package:
            yield f"{path}: import {module} relatively, as `from .module import name`: it is the same package"
        elif top in LAYERS and LAYERS.index(top) > LAYERS.index(package) and not edge:
            yield f"{path}: {package} must not know {top}, which is built on it; move the code up, or pass a value in"
        elif top in HEAVY and not edge and (path, function) != ("bayestuner/history.py", "to_frame"):
            yield f"{path}: import {top} only in {', '.join(EDGES)} or inside to_frame: it is an optional extra"
        elif top == "matplotlib" and package != "viz":
            yield f"{path}: import matplotlib only in viz; return numbers here and draw them there"


FILES = sorted(p.relative_to(ROOT).as_posix() for layer in LAYERS for p in (ROOT / layer).rglob("*.py"))


@pytest.mark.parametrize("path", FILES)
def test_imports_run_one_way(path):
    found = list(problems(path, (ROOT / path).read_text(encoding="utf-8")))
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("path", "source", "message"),
    [
        ("gp/new.py", "from acquisition import maximize", "gp must not know acquisition"),
        ("acquisition/new.py", "def f():\n    import bayestuner.space", "acquisition must not know bayestuner"),
        ("bayestuner/new.py", "import viz", "bayestuner must not know viz"),
        ("gp/new.py", "from gp.kernels import RBF", "relatively"),
        ("bayestuner/history.py", "import pandas", "inside to_frame"),
        ("bayestuner/loop.py", "def to_frame():\n    import torch", "import torch only in"),
        ("bayestuner/classifier/new.py", "import matplotlib.pyplot", "only in viz"),
    ],
)
def test_the_check_can_fail(path, source, message):
    [found] = problems(path, source)
    assert message in found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("viz/new.py", "import matplotlib\nfrom bayestuner import History"),
        ("bayestuner/cli.py", "def main():\n    from viz import animate\n    import torch"),
        ("bayestuner/history.py", "class History:\n    def to_frame(self):\n        import pandas"),
        ("bayestuner/new.py", "from gp import RBF\nfrom .space import Space"),
    ],
)
def test_the_check_allows_what_runs_with_the_arrows(path, source):
    assert list(problems(path, source)) == []


def test_all_four_packages_are_walked():
    assert {path.split("/")[0] for path in FILES} == set(LAYERS)
