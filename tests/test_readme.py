"""Every block of Python in the README runs, and prints what the README says."""

import contextlib
import io
import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"```python\n(.*?)```(?:\s*```text\n(.*?)```)?", re.DOTALL)


def test_every_python_block_prints_what_the_readme_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a block stores its run
    names = {"__name__": "readme"}
    blocks = BLOCK.findall(README.read_text(encoding="utf-8"))
    assert len(blocks) >= 4
    for code, expected in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(README), "exec"), names)
        assert printed.getvalue().strip() == expected.strip()


def test_the_first_example_is_short_enough_for_a_first_screen():
    code = BLOCK.findall(README.read_text(encoding="utf-8"))[0][0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 12
