"""How the documentation is built: `make docs`, or sphinx-build tutorials/site build/docs."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))

import matplotlib  # noqa: E402

import bayestuner  # noqa: E402

matplotlib.use("Agg")

project = "BayesTuner"
author = "The BayesTuner developers"
project_copyright = "The BayesTuner developers, MIT licence"
version = release = bayestuner.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "sphinx_gallery.gen_gallery",
    "figures",
    "mathml",
    "reference",
    "solutions",
]
exclude_patterns = ["extensions", "reference/_parts"]
default_role = "code"
nitpicky = False
python_use_unqualified_type_names = True
autodoc_typehints = "none"
autodoc_inherit_docstrings = False  # a kernel's page shows what is its own
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}

sphinx_gallery_conf = {
    "examples_dirs": str(HERE.parent),
    "gallery_dirs": "tutorials",
    "filename_pattern": r"/\d\d_",
    "ignore_pattern": r"/site/|__init__",
    "within_subsection_order": "FileNameSortKey",
    "capture_repr": ("_repr_html_",),
    "download_all_examples": True,
    "copyfile_regex": "",
    "remove_config_comments": True,
    "min_reported_time": 1e9,
    "write_computation_times": False,
    "show_memory": False,
    "show_signature": False,
    "thumbnail_size": (480, 320),
    "plot_gallery": "True",
    "abort_on_example_error": True,
}

html_theme = "furo"
html_title = "BayesTuner"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
pygments_style = "tango"
pygments_dark_style = "native"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0B5C94", "color-brand-content": "#0B5C94"},
    "dark_css_variables": {"color-brand-primary": "#7CC0EE", "color-brand-content": "#7CC0EE"},
}
