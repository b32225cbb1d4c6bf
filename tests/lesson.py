"""Run a tutorial as a notebook would, look at all that it shows, and say in words what is wrong: lesson.py FILE."""

import ast
import sys
from pathlib import Path

import matplotlib.pyplot as plt
from pictures import word_problems

from viz import Animation


def run(path):
    """Run every statement of a script; return the values that a notebook would show."""
    shown = []
    sys.displayhook = lambda value: None if value is None else shown.append(value)
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        exec(compile(ast.Interactive([statement]), str(path), "single"), sys.modules["__main__"].__dict__)
    return shown


def problems(shown):
    """What is wrong with the pictures: none at all, words that are cut or lie on each other, a story without words."""
    figures = [plt.figure(number) for number in plt.get_fignums()]
    animations = [value for value in shown if isinstance(value, Animation)]
    if not figures and not animations:
        yield "no picture"
    for figure in figures:
        yield from word_problems(figure)
    for animation in animations:
        image = animation.frame(-1).image
        if image.min() == image.max() or not animation.alt_text:
            yield f"an empty animation: {animation!r}"


if __name__ == "__main__":
    found = list(problems(run(Path(sys.argv[1]))))
    print(*found, sep="\n", file=sys.stderr)
    sys.exit(bool(found))
