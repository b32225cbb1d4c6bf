"""Adam on mini-batches, with early stopping: the loop that turns untrained networks into trained ones."""

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from gp.errors import DataError, ParameterError

_turn = threading.RLock()


class TrainingError(RuntimeError):
    """A training that came to nothing, as when the loss is NaN: a failed trial, not a fault of the program."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows for each member: X (members, n, d), y (members, n) class numbers, real (members, n) 0 where padded."""

    X: Tensor
    y: Tensor
    real: Tensor

    def to(self, device: torch.device) -> "Rows":
        """Return the same rows on a device."""
        return Rows(self.X.to(device), self.y.to(device), self.real.to(device))


@dataclass(frozen=True)
class History:
    """What a training saw: losses by epoch (validation: `log_losses`, if any) and the epoch kept."""

    train_losses: tuple[float, ...]
    validation_losses: tuple[tuple[float, ...], ...]
    best_epoch: int

    @property
    def best(self) -> tuple[float, ...]:
        """The validation losses in the epoch that was kept."""
        return self.validation_losses[self.best_epoch - 1]


def stack_rows(parts: Sequence[tuple[Tensor, Tensor]]) -> Rows:
    """Return one `Rows` of several (X, y), padded with zeros to the longest and the widest, X cast to float32.

    Raises `DataError` for a part without rows.
    """
    if any(len(y) == 0 for _, y in parts):
        raise DataError("a part of the rows is empty: use fewer folds, or a table with more rows")
    n, d = max(len(X) for X, _ in parts), max(X.shape[1] for X, _ in parts)
    X, real = torch.zeros(len(parts), n, d), torch.zeros(len(parts), n)
    y = torch.zeros(len(parts), n, dtype=torch.int64)
    for k, (X_k, y_k) in enumerate(parts):
        X[k, : len(X_k), : X_k.shape[1]], y[k, : len(y_k)], real[k, : len(y_k)] = X_k, y_k, 1.0
    return Rows(X, y, real)


def choose_device(name: str) -> torch.device:
    """Return the device called "auto" (a GPU if there is one), "cpu" or "cuda".

    Raises `ParameterError` for another name, and for "cuda" where there is none.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise ParameterError(f"device = {name!r} is unknown: choose auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise ParameterError("device = 'cuda', but PyTorch finds no GPU here: choose cpu, or auto")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


@contextmanager
def repeatable(seed: int, device: torch.device) -> Iterator[None]:
    """Give the same random numbers and sums for the same seed; the caller's generator and threads stay as they were.

    Threads take turns: PyTorch's generator is one for all of them. Processes train side by side.
    """
    with _turn:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # the order of a sum, and so its last digits, depends on the number of threads
        try:
            with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
                torch.manual_seed(seed)
                yield
        finally:
            torch.set_num_threads(threads)


def train(
    network: nn.Module,
    rows: Rows,
    *,
    learning_rate: float,
    epochs: int,
    batch_size: int = 32,
    weight_decay: float = 0.0,
    validation: Rows | None = None,
    patience: int = 10,
    averaged: int = 1,
    report: Callable[[Sequence[float], int], None] | None = None,
) -> History:
    """Train the members of a network in place with Adam on the mean cross-entropy, and return what happened.

    With validation rows, training stops when the mean of their `log_losses` has not fallen for `patience` epochs and
    the weights of the best epoch are put back; without, it runs for all `epochs` and keeps the last. After each epoch
    `report` is told the validation losses of the best one so far, and the epoch. Call it inside `repeatable`, where
    the network is built too.

    Raises `ParameterError` for bad settings and `TrainingError` when a loss is not a number.
    """
    _check_settings(learning_rate, epochs, batch_size, weight_decay, patience)
    adam = torch.optim.Adam(network.parameters(), lr=learning_rate, weight_decay=weight_decay, fused=True)
    train_losses: list[float] = []
    validation_losses: list[tuple[float, ...]] = []
    lowest, best_epoch, best_weights = math.inf, epochs, None
    for epoch in range(1, epochs + 1):
        train_losses.append(_finite(_run_epoch(network, adam, rows, batch_size), "loss", epoch))
        if validation is None:
            continue
        losses = log_losses(network, validation, averaged)
        validation_losses.append(tuple(losses.tolist()))
        if (mean := _finite(losses.mean(), "validation loss", epoch)) < lowest:
            lowest, best_epoch = mean, epoch
            best_weights = {name: value.clone() for name, value in network.state_dict().items()}
        if report is not None:
            report(validation_losses[best_epoch - 1], epoch)
        if epoch - best_epoch >= patience:
            break
    if best_weights is not None:
        network.load_state_dict(best_weights)
    return History(tuple(train_losses), tuple(validation_losses), best_epoch)


def log_losses(network: nn.Module, rows: Rows, averaged: int = 1) -> Tensor:
    """Return the mean -log p(true class) over each member's rows, shape (members,), without dropout.

    With `averaged` > 1, so many neighbouring members have the same rows and count as one whose p is the mean of theirs:
    shape (members / averaged,).
    """
    network.eval()
    y, real = rows.y[::averaged], rows.real[::averaged]
    with torch.no_grad():
        log_p = network(rows.X).log_softmax(2).unflatten(0, (-1, averaged)).logsumexp(1) - math.log(averaged)
    losses = functional.nll_loss(log_p.transpose(1, 2), y, reduction="none")
    return (losses * real).sum(1) / real.sum(1)


def _run_epoch(network: nn.Module, adam: torch.optim.Optimizer, rows: Rows, batch_size: int) -> Tensor:
    """Show every member its rows once, in an order of its own, and return the mean loss."""
    network.train()
    order = _shuffled(rows.real)
    member = torch.arange(len(order), device=order.device)[:, None]
    X, y = rows.X[member, order], rows.y[member, order]
    size, total = min(batch_size, y.shape[1]), torch.zeros((), device=y.device)
    steps = y.shape[1] // size  # what is left over belongs to the next epoch's shuffle
    for X_batch, y_batch in zip(torch.split(X, size, 1)[:steps], torch.split(y, size, 1)[:steps], strict=True):
        # A sum over members of means over rows: each member's gradient is what it would be alone.
        loss = functional.cross_entropy(network(X_batch).flatten(0, 1), y_batch.flatten()) * len(order)
        adam.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        adam.step()
        total += loss.detach()
    return total / (steps * len(order))


def _shuffled(real: Tensor) -> Tensor:
    """Return a random order of each member's real rows, as many for each as the shortest has: (members, n)."""
    shortest = int(real.sum(1).min())
    return torch.rand_like(real).masked_fill(real == 0, 2.0).argsort(1)[:, :shortest]


def _finite(loss: Tensor, name: str, epoch: int) -> float:
    if not math.isfinite(value := loss.item()):
        text = "NaN" if math.isnan(value) else "infinite"
        raise TrainingError(f"{name} is {text} in epoch {epoch}: a smaller learning rate may help")
    return value


def _check_settings(learning_rate: float, epochs: int, batch_size: int, weight_decay: float, patience: int) -> None:
    if not 0 < learning_rate < math.inf:
        raise ParameterError(f"learning_rate = {learning_rate!r} must be a finite number above 0, such as 0.001")
    if not 0 <= weight_decay < math.inf:
        raise ParameterError(f"weight_decay = {weight_decay!r} must be a finite number, 0 or more")
    for name, value in (("epochs", epochs), ("batch_size", batch_size), ("patience", patience)):
        if value < 1:
            raise ParameterError(f"{name} = {value!r} must be at least 1")
