"""What a requirements.txt may ask for."""

import pytest

from algorithms.contract import UserError
from engine.frameworks.requirements import parse


def test_names_extras_versions_and_markers_are_taken_in_order():
    text = "# tools\npandas>=2,<3  # tables\r\nrequests[socks]==2.31.0 ; python_version < '4'\n\n"
    text += "scikit_learn ~= 1.5\nscipy\\\n==1.1\n"
    assert parse(text) == (
        "pandas>=2,<3", "requests[socks]==2.31.0 ; python_version < '4'", "scikit_learn ~= 1.5", "scipy ==1.1",
    )  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "-r /etc/shadow", "--index-url http://10.0.0.1/simple", "-e .", "./local", "/etc/passwd", "../up",
        "evil-1.0-py3-none-any.whl", "evil-1.0.tar.gz",
        "git+https://example.com/x.git", "https://example.com/x.whl", "pkg @ file:///etc/passwd", "--extra-index-url x",
        "pkg; python_version < '4' @ file:///x", "$(id)", "pkg --global-option=x",
    ],
)  # fmt: skip
def test_options_addresses_and_paths_are_refused_with_their_line(line):
    with pytest.raises(UserError, match=r"requirements.txt, line 2, cannot be installed"):
        parse(f"pandas\n{line}\n")
