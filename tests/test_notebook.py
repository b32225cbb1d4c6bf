"""What a notebook shows: tables of plain text, whatever names and values hold."""

from html.parser import HTMLParser

import pytest

import gp
from bayestuner import Optimizer, minimize
from gp.notebook import html_table

HOSTILE = "<script>alert('x')</script> & \"y\""


class Cells(HTMLParser):
    """The texts of all cells and the caption, and every tag that was opened."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.open, self.texts, self.attributes = set(), [], [], []
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.open.append(tag)
        self.attributes += attributes
        if tag in ("td", "th", "caption"):
            self.texts.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts[-1] += data


def cells(thing):
    source = thing if isinstance(thing, str) else thing._repr_html_()
    found = Cells(source)
    assert found.tags <= {"table", "caption", "tr", "td", "th"}
    assert found.attributes == []
    assert len(source) < 20_000
    return found.texts


def test_a_table_shows_text_as_it_is():
    assert cells(html_table(HOSTILE, [[HOSTILE, 0.123456]], [HOSTILE])) == [HOSTILE, HOSTILE, HOSTILE, "0.1235"]


def test_a_kernel_shows_itself_and_its_parameters():
    kernel = 2.0 * gp.Matern52((0.5, 1.25)) + gp.White(0.1)
    texts = cells(kernel)
    assert texts[0] == repr(kernel)
    assert texts[texts.index("left.right.lengthscale") + 1] == "(0.5, 1.25)"


def test_a_posterior_shows_what_was_learned():
    posterior = gp.GaussianProcess(gp.RBF(0.75), noise=0.01).condition([[0.0], [1.0]], [0.0, 1.0])
    texts = cells(posterior)
    assert texts[0] == "GaussianPosterior of 2 points"
    assert texts[texts.index("lengthscale") + 1] == "0.75"
    assert texts[texts.index("noise") + 1] == "0.01"
    assert texts[texts.index("log marginal likelihood") + 1] == f"{posterior.log_marginal_likelihood:.4g}"


def test_a_history_shows_its_trials_best_and_hostile_names():
    run = minimize(lambda **p: p["a<b>"] ** 2, {"a<b>": (0.5, 2.0), "kind": [HOSTILE]}, n_trials=3, seed=0)
    texts = cells(run)
    assert texts[0] == f"minimize: 3 trials, best {run.best_value:.6g}"
    assert texts[1:6] == ["trial", "a<b>", "kind", "value", "source"]
    assert texts[6:11] == ["0", f"{run.trials[0].params['a<b>']:.4g}", HOSTILE, f"{run.trials[0].value:.4g}", "initial"]


def test_a_long_history_shows_its_end():
    optimizer = Optimizer({"x": (0.0, 1.0)}, seed=0)
    for i in range(30):
        optimizer.tell({"x": i / 30}, float(i))
    texts = cells(optimizer.history)
    assert texts[0] == "minimize: 30 trials (the last 20), best 0"
    assert texts[5] == "10"
    assert texts[-4] == "29"


@pytest.mark.parametrize("tell", [False, True])
def test_an_optimizer_shows_its_history_before_and_after_a_failure(tell):
    optimizer = Optimizer({"x": (0.0, 1.0)}, seed=0)
    if tell:
        optimizer.tell_failure(optimizer.ask(), "broken")
    texts = cells(optimizer)
    assert texts[0] == ("minimize: 1 trials, all failed" if tell else "minimize: 0 trials")
    assert ("failed" in texts) == tell
