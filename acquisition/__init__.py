"""Where to look next: acquisition functions, and the search for their maximum."""

from .base import Acquisition as Acquisition
from .bound import UpperConfidenceBound as UpperConfidenceBound
from .checks import check_acquisition as check_acquisition
from .cost import ExpectedImprovementPerSecond as ExpectedImprovementPerSecond
from .entropy import MaxValueEntropySearch as MaxValueEntropySearch
from .errors import AcquisitionError as AcquisitionError
from .errors import NotFittedError as NotFittedError
from .feasibility import Constrained as Constrained
from .feasibility import Constraint as Constraint
from .improvement import ExpectedImprovement as ExpectedImprovement
from .improvement import LogExpectedImprovement as LogExpectedImprovement
from .improvement import LogProbabilityOfImprovement as LogProbabilityOfImprovement
from .improvement import ProbabilityOfImprovement as ProbabilityOfImprovement
from .knowledge import KnowledgeGradient as KnowledgeGradient
from .portfolio import Portfolio as Portfolio
from .search import maximize as maximize
from .thompson import ThompsonSampling as ThompsonSampling
