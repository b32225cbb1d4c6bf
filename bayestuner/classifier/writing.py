"""The report of a command, written when all else is: what goes wrong with it is a note and costs nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from ..exits import one_line

if TYPE_CHECKING:
    from viz.page import Page

NAME = "report.html"


def write_report(console: Console, make: "Callable[[], Page]", folder: Path, *, debug: bool = False) -> None:
    """Make a page, save it in the folder and say where it is, or why there is none; with debug, errors are raised."""
    try:
        with console.status(f"{NAME} ..."):
            make().save(folder / NAME)
    except Exception as error:
        if debug:
            raise
        reason = f"{type(error).__name__}: {one_line(error)}"
        console.print(f"no {NAME}: {reason} (--debug shows where)", highlight=False, soft_wrap=True)
    else:
        console.print(f"the report, for your browser: {folder / NAME}", highlight=False, soft_wrap=True)
