"""The command `bayestuner animate`."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from bayestuner import History, ParameterError, benchmarks, search
from bayestuner.benchmarks import Benchmark

from .animate import animate
from .animation import check_output


def animate_command(options: argparse.Namespace) -> int:
    """Animate a stored run, or a search of a known function."""
    check_output(options.out, pace=options.pace, theme=options.theme, fps=options.fps)
    console = Console()
    history, truth = _run_or_function(console, options)
    animation = animate(history, pace=options.pace, theme=options.theme, scale=options.scale, objective=truth)
    with console.status(f"drawing {len(animation)} frames ..."):
        animation.save(options.out, fps=options.fps)
    print(f"{options.out}: {len(animation)} frames, {animation.seconds:.0f} seconds, {_bytes(options.out)}")
    return 0


def _run_or_function(console: Console, options: argparse.Namespace) -> tuple[History, Benchmark | None]:
    """A stored run; or a search of a known function made now, with that function as the truth."""
    path = Path(options.source)
    if path.exists() or path.suffix:
        return History.load(path), None
    known = {name: f for name, f in vars(benchmarks).items() if isinstance(f, benchmarks.Benchmark)}
    if options.source not in known:
        raise ParameterError(
            f"there is no run and no function {options.source!r}; give a .db file, or one of {', '.join(known)}"
        )
    function = known[options.source]
    start = len(function.space) + 2
    trials = options.trials or min(start + 6 * len(function.space) + 2, 30)
    with console.status(f"searching {function.name} with {trials} evaluations ..."):
        return search.minimize(function, function.space, n_trials=trials, n_initial=start, seed=options.seed), function


def _bytes(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB"
