"""What the Gaussian-process layer says when it is given something it cannot use."""


class DataError(ValueError):
    """Observations or inputs that no model can be fitted to: wrong shape, NaN, too few rows."""


class ParameterError(ValueError):
    """A setting outside what its formula allows: a lengthscale of 0, a negative noise."""


class KernelError(ValueError):
    """A kernel that is not a covariance function, or does not keep the kernel's contract."""
