"""Every error a user of BayesTuner can meet; the lower layers define their own and they are named here again."""

from acquisition.errors import AcquisitionError as AcquisitionError
from acquisition.errors import NotFittedError as NotFittedError
from gp.errors import DataError as DataError
from gp.errors import KernelError as KernelError
from gp.errors import ParameterError as ParameterError


class SpaceError(ValueError):
    """A search space that cannot be searched, or a point that does not lie in it."""


class StateError(RuntimeError):
    """A call that does not fit the state of the run: told twice, or a run that is busy."""


class CorruptStateError(StateError):
    """A stored run or model that cannot be read."""


class StateVersionError(StateError):
    """A file written by a version of BayesTuner that this one does not know."""


class SpaceMismatchError(StateError):
    """A stored run whose search space is not the one that was asked for."""
