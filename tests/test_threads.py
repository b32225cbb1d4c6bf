import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from bayestuner import minimize
from gp import Matern52
from gp.regression import GaussianProcess
from gp.threads import MANY, one_thread


def blas_threads():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_few_points_get_one_thread_and_the_setting_comes_back():
    before = blas_threads()
    with one_thread(10):
        assert blas_threads() == {1}
        with one_thread(10):
            assert blas_threads() == {1}
        assert blas_threads() == {1}
    assert blas_threads() == before


def test_many_points_keep_their_threads():
    before = blas_threads()
    with one_thread(MANY):
        assert blas_threads() == before


def test_the_setting_comes_back_after_an_error():
    before = blas_threads()
    with pytest.raises(ZeroDivisionError), one_thread(3):
        _ = 1 / 0
    assert blas_threads() == before


def test_another_thread_that_ends_last_leaves_the_setting_as_it_was():
    before, entered, leave = blas_threads(), threading.Event(), threading.Event()

    def other():
        with one_thread(5):
            entered.set()
            leave.wait(10)

    worker = threading.Thread(target=other)
    with one_thread(5):
        worker.start()
        assert entered.wait(10)
        assert blas_threads() == {1}
    leave.set()
    worker.join()
    assert blas_threads() == before


def test_a_kernel_sees_one_thread_during_a_fit_and_during_a_search():
    seen = []

    class Watching(Matern52):
        def profile(self, r2):
            seen.append(blas_threads())
            return super().profile(r2)

    GaussianProcess(Watching()).fit(np.linspace(0, 1, 5)[:, None], np.arange(5.0), restarts=0)
    assert seen
    assert all(threads == {1} for threads in seen)
    seen.clear()
    minimize(lambda x: x * x, {"x": (-1.0, 1.0)}, 7, kernel=Watching(), seed=0)
    assert seen
    assert all(threads == {1} for threads in seen)
