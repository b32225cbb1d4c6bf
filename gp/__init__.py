"""Gaussian processes from first principles: kernels, conditioning, learning the kernel."""

from .algebra import Constant as Constant
from .algebra import Power as Power
from .algebra import Product as Product
from .algebra import Sum as Sum
from .base import Kernel as Kernel
from .base import distance as distance
from .base import squared_distance as squared_distance
from .errors import DataError as DataError
from .errors import KernelError as KernelError
from .errors import ParameterError as ParameterError
from .kernels import RBF as RBF
from .kernels import Matern52 as Matern52
from .kernels import Stationary as Stationary
from .parameters import Parameterized as Parameterized
from .parameters import positive as positive
from .priors import LogNormal as LogNormal
from .priors import Prior as Prior
from .priors import lengthscale_prior as lengthscale_prior
from .regression import GaussianPosterior as GaussianPosterior
from .regression import GaussianProcess as GaussianProcess
