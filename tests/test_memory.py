"""Memory that a process keeps: counted in pages that it has to fetch, not in seconds."""

import platform
import subprocess
import sys

import pytest

COUNT = """
import resource
import numpy as np
from gp.memory import keep_freed_memory

def pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        several = [np.ones(250_000) for _ in range(4)]  # 2 MB each
        del several
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

pages()
given_back = pages()
keep_freed_memory()
pages()
print(given_back, pages())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library gives memory back at a threshold")
def test_freed_arrays_are_used_again():
    run = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True)
    given_back, kept = map(int, run.stdout.split())
    assert given_back > 10_000
    assert kept < 100
