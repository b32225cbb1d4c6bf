import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from bayestuner.classifier.network import build_network, count_weights, hidden_widths
from bayestuner.classifier.training import (
    TrainingError,
    choose_device,
    log_losses,
    repeatable,
    stack_rows,
    train,
)
from gp.errors import DataError, ParameterError

CPU = torch.device("cpu")


def two_moons(n=200, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    X = rng.normal(size=(n, 2)) + 1.5 * y[:, None]
    return torch.from_numpy(X), torch.from_numpy(y)


def trained(seed=0, members=1, validation=True, **settings):
    rows = stack_rows([two_moons()] * members)
    held_out = stack_rows([two_moons(seed=1)] * members) if validation else None
    with repeatable(seed, CPU):
        network = build_network(2, 2, (8,), members=members)
        history = train(network, rows, validation=held_out, **{"learning_rate": 0.01, "epochs": 5, **settings})
    return network, history


@pytest.mark.parametrize(
    ("pct", "shrink", "base", "widths"),
    [
        (0.2, 0.2, 512, (102, 20, 4)),
        (1.0, 1.0, 512, (512,) * 10),
        (0.01, 0.01, 512, (5,)),
        (0.01, 1.0, 5000, (50,) * 10),
        (0.1, 0.1, 5000, (500, 50)),
        (0.01, 0.5, 10, (1,)),
    ],
)
def test_hidden_widths(pct, shrink, base, widths):
    assert hidden_widths(pct, shrink, base) == widths


def test_layers_are_linear_activation_dropout_and_the_end_is_logits():
    network = build_network(3, 7, (5, 4), dropout=0.3)
    kinds = [type(layer).__name__ for layer in network]
    assert kinds == ["Linears", "PReLUs", "Dropout"] * 2 + ["Linears"]
    assert network[2].p == 0.3
    slopes = 2
    assert sum(p.numel() for p in network.parameters()) == count_weights(3, 7, (5, 4)) + slopes


def test_members_are_what_torch_builds_one_by_one():
    """A stack of members computes what torch's own Linear and PReLU compute with the same weights."""
    network = build_network(3, 2, (4,), members=2)
    x = torch.randn(2, 6, 3)
    out = network(x)
    for k in range(2):
        hidden = functional.linear(x[k], network[0].weight[k].T, network[0].bias[k, 0])
        hidden = functional.prelu(hidden, network[1].slope[k, 0])
        expected = functional.linear(hidden, network[3].weight[k].T, network[3].bias[k, 0])
        torch.testing.assert_close(out[k], expected)


def test_members_do_not_touch_one_another():
    """The gradient of member 0 is the same whatever member 1 is shown."""
    rows = stack_rows([two_moons(), two_moons(seed=1)])
    weights = []
    for factor in (1.0, 3.0):
        rows.X[1] *= factor
        with repeatable(0, CPU):
            network = build_network(2, 2, (8,), members=2)
            train(network, rows, learning_rate=0.01, epochs=2)
        weights.append(network[0].weight.detach().clone())
    torch.testing.assert_close(weights[0][0], weights[1][0])
    assert not torch.equal(weights[0][1], weights[1][1])


@pytest.mark.parametrize(
    "arguments",
    [
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"dropout": math.nan},
        {"members": 0},
        {"activation": "softmax"},
        {"widths": ()},
        {"widths": (0,)},
        {"n_classes": 0},
    ],
)
def test_impossible_networks(arguments):
    with pytest.raises(ParameterError):
        build_network(**{"n_inputs": 3, "n_classes": 2, "widths": (4,), **arguments})


@pytest.mark.parametrize("arguments", [(0.0, 0.5), (1.5, 0.5), (0.5, 0.0), (0.5, math.nan), (0.5, 0.5, 0)])
def test_impossible_widths(arguments):
    with pytest.raises(ParameterError):
        hidden_widths(*arguments)


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": -0.1},
        {"learning_rate": math.nan},
        {"learning_rate": math.inf},
        {"batch_size": 0},
        {"epochs": 0},
        {"patience": 0},
        {"weight_decay": -1.0},
    ],
)
def test_impossible_settings(settings):
    with pytest.raises(ParameterError):
        trained(**settings)


def test_training_learns():
    _, history = trained(epochs=40)
    assert history.best[0] < 0.45
    assert history.train_losses[-1] < history.train_losses[0]


def test_best_weights_are_put_back():
    network, history = trained(epochs=60, learning_rate=0.05, patience=60)
    assert history.best_epoch < 60
    assert history.best[0] == min(losses[0] for losses in history.validation_losses)
    again = log_losses(network, stack_rows([two_moons(seed=1)]))
    assert again.item() == pytest.approx(history.best[0], abs=1e-6)


def test_patience_stops():
    _, history = trained(epochs=200, learning_rate=0.1, patience=3)
    assert len(history.validation_losses) == history.best_epoch + 3


def test_without_validation_all_epochs_run():
    _, history = trained(validation=False, epochs=7)
    assert history.best_epoch == len(history.train_losses) == 7
    assert history.validation_losses == ()


def test_same_seed_same_weights_other_seed_others():
    a, b, c = (trained(seed=seed)[0][0].weight for seed in (1, 1, 2))
    assert torch.equal(a, b)
    assert not torch.equal(a, c)


def test_the_callers_random_numbers_and_threads_stay():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    threads = torch.get_num_threads()
    trained()
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads


def test_nan_loss_is_a_training_error():
    with pytest.raises(TrainingError, match="loss is NaN in epoch 1"):
        trained(learning_rate=1e30)


def test_unequal_parts_are_padded_and_the_padding_is_not_learned_from():
    long, short = two_moons(50), two_moons(30, seed=1)
    rows = stack_rows([long, short])
    assert rows.X.dtype == torch.float32  # although NumPy gave float64
    assert rows.real.sum(1).tolist() == [50, 30]
    rows.X[1, 30:] = math.nan  # would spoil everything that touches it
    network = build_network(2, 2, (4,), members=2)
    history = train(network, rows, learning_rate=0.01, epochs=3)
    assert math.isfinite(history.train_losses[-1])


def test_an_empty_part_is_refused():
    with pytest.raises(DataError, match="empty"):
        stack_rows([two_moons(10), (torch.zeros(0, 2), torch.zeros(0, dtype=torch.int64))])


def test_loss_of_even_guesses_is_log_of_classes():
    """Softmax is applied once: logits of zero mean a loss of log 7, and large ones bring it to zero."""
    network = build_network(2, 7, (3,))
    rows = stack_rows([(torch.zeros(4, 2), torch.zeros(4, dtype=torch.int64))])
    with torch.no_grad():
        network[-1].weight.zero_()
        network[-1].bias.zero_()
        assert log_losses(network, rows).item() == pytest.approx(math.log(7))
        network[-1].bias[0, 0, 0] = 50.0
        assert log_losses(network, rows).item() == pytest.approx(0.0, abs=1e-6)


def test_averaged_members_count_as_one_with_the_mean_of_their_probabilities():
    rows = stack_rows([two_moons(20)] * 2 + [two_moons(12, seed=1)] * 2)
    network = build_network(2, 2, (4,), members=4)
    with torch.no_grad():
        p = network(rows.X).softmax(2)
    for group, n in ((0, 20), (1, 12)):
        mean = p[2 * group : 2 * group + 2, :n].mean(0)
        by_hand = -mean[torch.arange(n), rows.y[2 * group, :n]].log().mean()
        torch.testing.assert_close(log_losses(network, rows, averaged=2)[group], by_hand)


def test_devices():
    assert choose_device("cpu") == CPU
    assert choose_device("auto").type in ("cpu", "cuda")
    with pytest.raises(ParameterError, match="unknown"):
        choose_device("tpu")
    if not torch.cuda.is_available():
        with pytest.raises(ParameterError, match="no GPU here"):
            choose_device("cuda")
