"""What the acquisition layer says when it is asked for something that has no answer."""


class AcquisitionError(ValueError):
    """An acquisition that does not keep the contract, or settings it cannot work with."""


class NotFittedError(RuntimeError):
    """A result was asked for before there was an observation to base it on."""
