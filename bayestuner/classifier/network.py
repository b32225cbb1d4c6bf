"""Networks of linear layers, PReLU and dropout: several of one shape side by side, so that one step trains them all.

`members` networks share nothing but the clock: member k sees `X[k]` and has weights of its own. On small networks a
step costs mostly overhead, so five folds trained side by side take hardly longer than one.
"""

import math
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

from gp.errors import ParameterError

BASE_NEURONS = 512
MOST_LAYERS = 10
SMALLEST_SHARE = 25 / 5000  # of the base: narrower layers are not added


class Linears(nn.Module):
    """One linear layer per member, x[k] @ weight[k] + bias[k]: (members, rows, n_in) to (members, rows, n_out)."""

    def __init__(self, members: int, n_in: int, n_out: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(n_in)  # the rule of torch.nn.Linear
        self.weight = nn.Parameter(torch.empty(members, n_in, n_out).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(members, 1, n_out).uniform_(-bound, bound))

    def forward(self, x: Tensor) -> Tensor:
        """Return the layer's output."""
        return torch.baddbmm(self.bias, x, self.weight)


class PReLUs(nn.Module):
    """max(x, 0) + slope * min(x, 0), with one learned slope per member that starts at 1/4."""

    def __init__(self, members: int) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.full((members, 1, 1), 0.25))

    def forward(self, x: Tensor) -> Tensor:
        """Return the activations, shaped like x."""
        return x.clamp(min=0) + self.slope * x.clamp(max=0)


ACTIVATIONS: dict[str, Callable[[int], nn.Module]] = {
    "prelu": PReLUs,
    "relu": lambda members: nn.ReLU(),
    "silu": lambda members: nn.SiLU(),
    "tanh": lambda members: nn.Tanh(),
}


def hidden_widths(neuron_pct: float, neuron_shrink: float, base: int = BASE_NEURONS) -> tuple[int, ...]:
    """Return the widths of the hidden layers: the first is a share of the base, each next a share of the one before.

    Layers are added while they are wider than 25/5000 of the base (and than 2), ten at the most; there is always one.

    >>> hidden_widths(0.2, 0.2)
    (102, 20, 4)
    >>> hidden_widths(0.01, 0.5), len(hidden_widths(1.0, 1.0))
    ((5,), 10)

    Raises `ParameterError` for shares outside (0, 1] and a base below 1.
    """
    for name, share in (("neuron_pct", neuron_pct), ("neuron_shrink", neuron_shrink)):
        if not 0 < share <= 1:
            raise ParameterError(f"{name} = {share!r} must be above 0 and at most 1: it is a share of a layer's width")
    if base < 1:
        raise ParameterError(f"base = {base!r} must be at least 1: it is the widest possible first layer")
    widths = [max(1, int(neuron_pct * base))]
    while len(widths) < MOST_LAYERS and (width := int(widths[-1] * neuron_shrink)) > max(2, SMALLEST_SHARE * base):
        widths.append(width)
    return tuple(widths)


def build_network(
    n_inputs: int,
    n_classes: int,
    widths: tuple[int, ...],
    *,
    dropout: float = 0.0,
    activation: str = "prelu",
    members: int = 1,
) -> nn.Sequential:
    """Return `members` untrained networks side by side: (members, rows, n_inputs) to logits (members, rows, n_classes).

    >>> build_network(3, 2, (8, 4), members=5)(torch.zeros(5, 10, 3)).shape
    torch.Size([5, 10, 2])

    Raises `ParameterError` for sizes below 1, a dropout outside [0, 1) and an unknown activation.
    """
    sizes = (n_inputs, *widths, n_classes)
    if min(*sizes, members) < 1 or len(sizes) < 3:
        raise ParameterError(f"sizes {sizes} with {members} members: a hidden layer and sizes from 1 are needed")
    if not 0 <= dropout < 1:
        raise ParameterError(f"dropout = {dropout!r} must be at least 0 and below 1: the share of neurons left out")
    if activation not in ACTIVATIONS:
        raise ParameterError(f"activation = {activation!r} is unknown: choose from {', '.join(ACTIVATIONS)}")
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes[:-1]):
        layers += [Linears(members, n_in, n_out), ACTIVATIONS[activation](members), nn.Dropout(dropout)]
    return nn.Sequential(*layers, Linears(members, sizes[-2], n_classes))


def count_weights(n_inputs: int, n_classes: int, widths: tuple[int, ...]) -> int:
    """Return the number of weights and biases of one member, slopes of PReLU left out.

    >>> count_weights(3, 2, (4,))
    26
    """
    return sum((n_in + 1) * n_out for n_in, n_out in pairwise((n_inputs, *widths, n_classes)))
