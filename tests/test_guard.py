"""The guard against a learner's own gp.py, as the learner would meet it: in a folder of their own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMES = ["gp", "acquisition", "viz"]


def python(*arguments, cwd):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=cwd, timeout=60)


def assert_refused(done, file, name):
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last == f"ImportError: {file.resolve()} hides BayesTuner's own {name}/ folder; please rename yours."


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "script.py").write_text("import bayestuner\nprint('fine')\n")
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("start", [["script.py"], ["-m", "script"], ["-c", "import bayestuner"]], ids=str)
def test_a_file_of_that_name_is_named(folder, name, start):
    own = folder / f"{name}.py"
    own.write_text("x = 1\n")
    assert_refused(python(*start, cwd=folder), own, name)


@pytest.mark.parametrize("name", NAMES)
def test_a_script_of_that_name_itself(folder, name):
    own = folder / f"{name}.py"
    own.write_text("import bayestuner\n")
    assert_refused(python(own.name, cwd=folder), own, name)


def test_a_package_of_that_name(folder):
    own = folder / "gp" / "__init__.py"
    own.parent.mkdir()
    own.write_text("")
    assert_refused(python("script.py", cwd=folder), own, "gp")


def test_own_module_imported_first_and_its_folder_gone_from_the_path(folder):
    own = folder / "acquisition.py"
    own.write_text("x = 1\n")
    (folder / "script.py").write_text("import acquisition, sys\nsys.path.pop(0)\nimport bayestuner\n")
    assert_refused(python("script.py", cwd=folder), own, "acquisition")


def test_from_another_folder_the_script_s_own_neighbours_count(folder, tmp_path_factory):
    own = folder / "gp.py"
    own.write_text("x = 1\n")
    assert_refused(python(str(folder / "script.py"), cwd=tmp_path_factory.mktemp("elsewhere")), own, "gp")


def test_a_plain_folder_of_that_name_hides_nothing(folder):
    (folder / "viz").mkdir()
    (folder / "viz" / "plot.png").write_text("")
    assert python("script.py", cwd=folder).stdout == "fine\n"


@pytest.mark.parametrize("cwd", [ROOT, ROOT / "bayestuner", Path("/")], ids=["clone", "package", "root"])
def test_an_installed_bayestuner_imports_from_any_folder(cwd):
    done = python("-c", "import bayestuner; print('fine')", cwd=cwd)
    assert done.stdout == "fine\n", done.stderr


def test_packages_side_by_side_in_site_packages(folder):
    site = folder / "site-packages"
    for package in ["bayestuner", *NAMES]:
        shutil.copytree(ROOT / package, site / package, ignore=shutil.ignore_patterns("__pycache__"))
    info = site / "bayestuner-9.9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bayestuner\nVersion: 9.9.9\n")
    code = f"import sys; sys.path.insert(0, {str(site)!r}); import bayestuner, gp; print(bayestuner.__version__)"
    done = python("-c", code, cwd=folder)
    assert done.stdout == "9.9.9\n", done.stderr
    (folder / "gp.py").write_text("x = 1\n")
    code = f"import sys; sys.path[:] = {[str(folder), str(site)]} + sys.path; import bayestuner"
    assert_refused(python("-c", code, cwd=folder), folder / "gp.py", "gp")
