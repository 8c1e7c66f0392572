"""Sphinx's settings. `python3 run docs` builds the site into docs/_build, with every warning an error.

The site's root is the checkout, so that a link between two pages is right on GitHub, in the site and in the console's
Help alike, and README, ARCHITECTURE and CONTRIBUTING need no copy. Which pages there are stands in docs/index.md.
"""

project = "Sagewright"
copyright = "the Sagewright authors, Apache-2.0"
extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**.md", "algorithms/*/README.md"]
exclude_patterns = [".*", "docs/_build", "build", "dist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Sagewright"
html_favicon = "../static/icon.svg"
html_show_sphinx = False
html_copy_source = False
