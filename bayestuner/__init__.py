"""Bayesian optimization from scratch, to learn from and to use."""

from importlib.metadata import version as _version
from typing import TYPE_CHECKING

from ._guard import check_neighbours as _check_neighbours

_check_neighbours()

from .baselines import grid_search as grid_search  # noqa: E402
from .baselines import random_search as random_search  # noqa: E402
from .calibration import Calibration as Calibration  # noqa: E402
from .calibration import calibration as calibration  # noqa: E402
from .errors import AcquisitionError as AcquisitionError  # noqa: E402
from .errors import CorruptStateError as CorruptStateError  # noqa: E402
from .errors import DataError as DataError  # noqa: E402
from .errors import KernelError as KernelError  # noqa: E402
from .errors import NotFittedError as NotFittedError  # noqa: E402
from .errors import ParameterError as ParameterError  # noqa: E402
from .errors import SpaceError as SpaceError  # noqa: E402
from .errors import SpaceMismatchError as SpaceMismatchError  # noqa: E402
from .errors import StateError as StateError  # noqa: E402
from .errors import StateVersionError as StateVersionError  # noqa: E402
from .history import History as History  # noqa: E402
from .history import Trial as Trial  # noqa: E402
from .importance import importance as importance  # noqa: E402
from .importance import partial_dependence as partial_dependence  # noqa: E402
from .optimizer import Optimizer as Optimizer  # noqa: E402
from .pruning import MedianRule as MedianRule  # noqa: E402
from .pruning import PruningRule as PruningRule  # noqa: E402
from .repeats import chance_best as chance_best  # noqa: E402
from .search import maximize as maximize  # noqa: E402
from .search import minimize as minimize  # noqa: E402
from .space import Categorical as Categorical  # noqa: E402
from .space import Integer as Integer  # noqa: E402
from .space import Real as Real  # noqa: E402
from .space import Space as Space  # noqa: E402
from .step import Step as Step  # noqa: E402
from .stopping import SmallGain as SmallGain  # noqa: E402
from .stopping import StoppingRule as StoppingRule  # noqa: E402

if TYPE_CHECKING:
    from .workers import Workers as Workers

__version__ = _version("bayestuner")


def __getattr__(name: str) -> object:
    if name == "Workers":  # the module of processes is loaded by those who use them
        from .workers import Workers

        return Workers
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
