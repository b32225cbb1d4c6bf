"""The reference: a page for each package, written from what its __init__ exports, module after module.

Docstrings are plain prose with code in backticks and formulas on indented lines. Here they become what
Sphinx reads.
"""

import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType

from sphinx.application import Sphinx

PACKAGES = {
    "gp": "Gaussian processes from first principles.",
    "acquisition": "Where to look next.",
    "bayestuner": "The search: spaces, the optimizer, its record.",
    "viz": "Pictures and animations of a recorded search.",
}
FIRST = ["base", "regression", "kernels", "improvement", "bound", "search", "space", "optimizer", "loop", "animate"]
MARKUP = re.compile(r"(`[^`]*`)|([|*])|(?<=\w)(_)(?!\w)")


def sphinx_prose(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Keep what a plain docstring says: formulas as they are set, no markup that was not meant."""
    result: list[str] = []
    example = False
    for line in lines:
        if line.lstrip().startswith(">>>"):
            example = True
        elif not line.strip():
            example = False
        indented = line.startswith("  ") and not example
        begins = indented and (not result or not result[-1].strip())
        if begins and not (len(result) > 1 and result[-2].startswith("  ")):
            result += [".. code-block:: text", "   :class: formula", ""]
        result.append(line if indented or example else MARKUP.sub(_escaped, line))
    lines[:] = result


def _escaped(match: re.Match[str]) -> str:
    return match[1] if match[1] else "\\" + match[0]


def exports(package: ModuleType) -> dict[str, list[str]]:
    """Module by module, those to read first in front, the public names in the order in which __init__ lists them."""
    source = Path(str(package.__file__)).read_text(encoding="utf-8")
    modules: dict[str, list[str]] = {}
    for module, name in re.findall(r"from \.(\w+) import \w+ as (\w+)", source):
        modules.setdefault(f"{package.__name__}.{module}", []).append(name)
    place = {f"{package.__name__}.{module}": i for i, module in enumerate(FIRST)}
    return {module: modules[module] for module in sorted(modules, key=lambda m: (place.get(m, len(place)), m))}


def page(name: str, about: str) -> str:
    package = importlib.import_module(name)
    parts = [name, "=" * len(name), "", about, ""]
    for module, names in exports(package).items():
        source = inspect.getsource(importlib.import_module(module))
        path = module.replace(".", "/") + ".py"
        parts += [path, "-" * len(path), "", f"{source.count(chr(10))} lines.", ""]
        parts += [f".. currentmodule:: {name}", ""]
        own = [each for each in names if getattr(package, each).__module__.startswith(name + ".")]
        if len(own) < len(names):
            others = [f":class:`{other}`" for other in (_home(package, each) for each in names if each not in own)]
            parts += [f"And, from the layers below: {', '.join(others)}.", ""]
        for each in own:
            kind = "class" if inspect.isclass(getattr(package, each)) else "function"
            parts += [f".. auto{kind}:: {name}.{each}", ""]
    return "\n".join(parts)


def _home(package: ModuleType, name: str) -> str:
    return getattr(package, name).__module__.split(".")[0] + "." + name


def write(app: Sphinx) -> None:
    folder = Path(app.srcdir) / "reference"
    folder.mkdir(exist_ok=True)
    for name, about in PACKAGES.items():
        target, text = folder / f"{name}.rst", page(name, about)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", write)
    app.connect("autodoc-process-docstring", sphinx_prose)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
