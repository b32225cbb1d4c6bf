"""A real browser for pages that must work in one: opens HTML from disk, and complains about whatever goes wrong."""

import shutil
from contextlib import contextmanager

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def chromium():
    """The browser, or a reason to skip."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)")
    driver = pytest.importorskip("playwright.sync_api", reason="the driver is missing: pip install playwright")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@contextmanager
def opening(browser, folder):
    """A function that opens HTML from disk; at the end: no error, nothing on the console, no request but the page's."""
    complaints, requests, contexts = [], [], []

    def opened(html, *, clock=False, **options):
        path = folder / f"page{len(contexts)}.html"
        path.write_text(html, encoding="utf-8")
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda request: requests.append(request.url))
        if clock:
            page.clock.install(time=0)
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
    outside = [url for url in requests if not url.startswith(("file:", "data:", "about:"))]
    assert outside == []
    assert sum(url.startswith("file:") for url in requests) == len(contexts)
