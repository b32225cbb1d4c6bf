"""The report of a comparison says what compare.json says."""

import re
from dataclasses import replace
from html import unescape

import pytest
from browser import chromium, opening

from bayestuner.classifier import load_customers
from bayestuner.classifier.compare import Plan, work
from bayestuner.classifier.compare.page import compare_page
from bayestuner.classifier.compare.results import read_results, summary
from bayestuner.classifier.job import read_job
from bayestuner.classifier.space_file import read_space


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    frame = load_customers(160, seed=5)
    frame[frame["product"].isin(["b", "c"])].head(120).to_csv(folder / "customers.csv", index=False)
    job = read_job(folder / "customers.csv", "product", read_space(None), base_neurons=16)
    plan = Plan(job, folder, seeds=(0, 1), trials=5, grid=4, epochs=2)
    for method, seed in plan.parts:
        plan.final(method, seed).parent.mkdir(exist_ok=True)
        work.do(plan, method, seed)
    return read_results(plan)


@pytest.fixture(scope="module")
def source(results):
    return compare_page(results, summary(results), command="bayestuner compare --grid 4").to_html()


@pytest.fixture(scope="module")
def sections(source):
    found = dict(re.findall(r'<section id="([\w-]+)">(.*?)</section>', source, re.DOTALL))
    return {name: unescape(body) for name, body in found.items()}


def test_every_method_and_baseline_is_there_with_its_numbers(results, sections):
    found = summary(results)
    for method in found["methods"].values():
        assert method["label"] in sections["found"]
        assert f"{method['quartiles'][1][-1]:.4f}" in sections["found"]
        for best in method["best"]:
            assert f"{best[-1]:.4f}" in sections["seeds"]
    for model in (*found["methods"].values(), *found["baselines"].values()):
        assert model["label"] in sections["test"]
        assert f"{model['test']['log_loss']['mean']:.4f}" in sections["test"]
    assert sections["differences"].count("<tr") == 1 + len(found["pairs"])
    for pair in found["pairs"]:
        assert f"{pair['mean']:+.4f}".replace("-", "−") in sections["differences"]


def test_the_sentence_opens_the_page_and_the_command_ends_it(results, source, sections):
    sentence = re.search(r'<p class="lede">(.*?)</p>', source)[1]
    assert unescape(sentence).replace("−", "-") == summary(results)["verdict"]
    assert "bayestuner compare --grid 4" in sections["repeat"]


def test_one_seed_and_no_grid(results):
    alone = read_results(replace(results.plan, methods=("random", "bayes"), seeds=(0,)))
    source = compare_page(alone, summary(alone)).to_html()
    assert "one seed" in source
    assert "grid search" not in source
    assert "None" not in source


def test_the_page_works_in_a_browser(source, tmp_path):
    with chromium() as browser, opening(browser, tmp_path) as opened:
        page = opened(source, viewport={"width": 390, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        head = page.locator("#test th").nth(1)
        head.get_by_role("button").click()
        losses = [float(row.locator("td").nth(1).inner_text()) for row in page.locator("#test tbody tr").all()]
        assert losses == sorted(losses)
        assert page.locator("#test th button").count() == page.locator("#test th").count() - 1
