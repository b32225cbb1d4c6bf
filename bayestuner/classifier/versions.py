"""Which versions gave a result."""

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("bayestuner", "numpy", "scipy", "torch", "scikit-learn", "pandas")


def versions() -> list[tuple[str, str]]:
    """Return (name, version) of Python and of the packages that numbers depend on, as far as they are installed.

    >>> versions()[0][0]
    'Python'
    """
    found = [("Python", platform.python_version())]
    for package in PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return found
