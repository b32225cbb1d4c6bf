import subprocess
import sys

import pytest

import bayestuner


def loaded_by(statement):
    """The modules in memory after a statement, in a fresh Python."""
    code = f"{statement}\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("statement", ["import gp", "import acquisition", "import bayestuner"])
def test_importing_loads_nothing_heavy(statement):
    loaded = loaded_by(statement)
    assert "numpy" in loaded  # the listing works
    assert not loaded & {"torch", "sklearn", "pandas", "matplotlib", "scipy.stats", "rich", "sqlite3"}


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("SpaceError", ValueError),
        ("DataError", ValueError),
        ("ParameterError", ValueError),
        ("KernelError", ValueError),
        ("AcquisitionError", ValueError),
        ("NotFittedError", RuntimeError),
        ("StateError", RuntimeError),
        ("CorruptStateError", RuntimeError),
        ("StateVersionError", RuntimeError),
        ("SpaceMismatchError", RuntimeError),
    ],
)
def test_every_error_is_also_the_builtin_one_would_guess(name, base):
    error = getattr(bayestuner, name)
    assert issubclass(error, base)
    assert error.__doc__


@pytest.mark.parametrize("name", ["CorruptStateError", "StateVersionError", "SpaceMismatchError"])
def test_errors_of_stored_runs_are_state_errors(name):
    assert issubclass(getattr(bayestuner, name), bayestuner.StateError)


def test_errors_are_those_of_the_layer_that_raises_them():
    import acquisition
    import gp

    assert bayestuner.ParameterError is gp.ParameterError
    assert bayestuner.KernelError is gp.KernelError
    assert bayestuner.DataError is gp.DataError
    assert bayestuner.AcquisitionError is acquisition.AcquisitionError
    assert bayestuner.NotFittedError is acquisition.NotFittedError


def test_public_names():
    from bayestuner import (
        Categorical,
        History,
        Integer,
        Optimizer,
        Real,
        Space,
        Step,
        Trial,
        grid_search,
        maximize,
        minimize,
        random_search,
    )

    names = [Categorical, History, Integer, Optimizer, Real, Space, Step, Trial]
    assert all(thing.__doc__ for thing in [*names, grid_search, maximize, minimize, random_search])


def test_version():
    assert bayestuner.__version__.count(".") == 2


def test_the_library_is_silent_unless_its_logger_is_listened_to():
    code = (
        "from bayestuner import minimize\n"
        "def f(x):\n    raise OSError('no luck')\n"
        "minimize(f, {'x': (0.0, 1.0)}, 2, seed=0, on_error='continue')\n"
    )
    silent = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (silent.stdout, silent.stderr) == ("", "")
    heard = "import logging; logging.basicConfig()\n" + code
    loud = subprocess.run([sys.executable, "-c", heard], capture_output=True, text=True, check=True)
    assert "WARNING:bayestuner:trial 0 failed: OSError: no luck" in loud.stderr
