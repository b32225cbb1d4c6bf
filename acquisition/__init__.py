"""Where to look next: acquisition functions, and the search for their maximum."""

from .base import Acquisition as Acquisition
from .bound import UpperConfidenceBound as UpperConfidenceBound
from .errors import AcquisitionError as AcquisitionError
from .errors import NotFittedError as NotFittedError
from .improvement import ExpectedImprovement as ExpectedImprovement
from .improvement import LogExpectedImprovement as LogExpectedImprovement
from .improvement import ProbabilityOfImprovement as ProbabilityOfImprovement
from .search import maximize as maximize
