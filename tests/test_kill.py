"""kill -9 at random moments: nothing told is lost, and the resumed run is the one that was never killed.

As a program (`python tests/test_kill.py N SEED`) it kills N runs and prints how many were continued bit for bit.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from bayestuner import History, minimize
from bayestuner.runfile import RunFile

SPACE = {"x": (0.0, 4.0), "c": ["a", "b"]}
TRIALS = 30


def objective(x, c):
    if 3.4 < x < 3.5:
        raise ValueError("a hole")
    return (x - 3) ** 2 + (c == "b")


def search(file, **options):
    return minimize(objective, SPACE, TRIALS, seed=5, storage=file, on_error="continue", **options)


def facts(history):
    trials = [(t.number, t.params, t.value, t.status, t.source, t.told) for t in history.trials]
    steps = [(s.number, s.observed, s.pending, s.kernel, s.noise, s.value, s.mean, s.std) for s in history.steps]
    return repr((trials, steps))


def child(file, pipe):
    """Run, and say on the pipe what is about to be written and what has been told."""
    write = RunFile.write

    def announced(self, trial, step=None, **options):
        os.write(pipe, b"w")
        write(self, trial, step, **options)
        if trial.status != "running":
            os.write(pipe, b"t")

    RunFile.write = announced
    search(file)


def killed_run(file, rng, seconds):
    """Kill a run: half of the time while it writes, half at any moment. Return how many trials it had told."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        child(file, writer)
        os._exit(0)
    os.close(writer)
    heard = b""
    if rng.random() < 0.5:
        writes = rng.randrange(1, 2 * TRIALS)
        while heard.count(b"w") < writes and (byte := os.read(reader, 1)):
            heard += byte
        time.sleep(rng.uniform(0, 0.004))
    else:
        time.sleep(rng.uniform(0, seconds))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    while byte := os.read(reader, 100):
        heard += byte
    os.close(reader)
    return heard.count(b"t")


def kill_many(n, seed):
    rng = random.Random(seed)
    told_before = unlike = 0
    with tempfile.TemporaryDirectory() as folder:
        begin = time.monotonic()
        reference = facts(search(Path(folder) / "reference.db"))
        seconds = time.monotonic() - begin
        for i in range(n):
            file = Path(folder) / f"{i}.db"
            told = killed_run(file, rng, seconds)
            kept = sum(t.told is not None for t in History.load(file).trials) if file.exists() else 0
            assert kept >= told, f"run {i}: {told} told, {kept} kept"
            told_before += kept
            unlike += facts(search(file)) != reference or facts(History.load(file)) != reference
            assert not [p.name for p in Path(folder).iterdir() if p.name.startswith(f"{i}.db-")]
    print(f"{n} runs killed after {told_before} trials in all, {n - unlike} of {n} continued bit for bit")
    return unlike


def kill_in_a_program_of_its_own(n, seed):
    command = [sys.executable, "-W", "error", __file__, str(n), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800)
    print(done.stdout)
    assert done.returncode == 0, done.stderr + done.stdout


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to begin a run quickly")


def test_r04_ten_kills():
    kill_in_a_program_of_its_own(10, seed=1)


@pytest.mark.slow
def test_r04_two_hundred_kills():
    kill_in_a_program_of_its_own(200, seed=2)


if __name__ == "__main__":
    sys.exit(kill_many(int(sys.argv[1]), int(sys.argv[2])))
