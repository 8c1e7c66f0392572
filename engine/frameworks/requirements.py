"""Reads a requirements.txt that may ask for packages of the index only.

An environment is made outside the sandbox, so nothing of it may run people's code or name files and addresses of their
choice: wheels from the index that the administrator has chosen, and nothing else.
"""

import re
from pathlib import Path

from algorithms.contract import UserError

MAX_BYTES = 64 * 1024
# A name, extras, versions and a marker, as PEP 508 has them. No direct reference ("name @ url"), no path, no option.
LINE = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\s*(?:\[[A-Za-z0-9._, -]*\])?\s*"
    r"\(?(?:(?:===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+\s*,?\s*)*\)?\s*(?:;[^@]*)?"
)
FILE = re.compile(r"^[^;\s]*\.(?:whl|zip|tar\.\w+|tgz)\b", re.IGNORECASE)  # a name to us, a file to uv
ALLOWED = (
    "A line is the name of a package with extras, versions and a marker, such as pandas>=2,<3. Options, addresses, "
    "paths and editable installs are not offered here: put such a package's code beside your script, or build a wheel "
    "into the package index of this machine."
)


def read(path: Path, name: str = "requirements.txt") -> tuple[str, ...]:
    """The requirements in a file, which may be of any size and content. Raises UserError as `parse` does."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    return parse("\n".join(content.decode(errors="replace").splitlines()), name)


def parse(text: str, name: str = "requirements.txt") -> tuple[str, ...]:
    """The requirements in `text`, without comments, in order. Raises UserError for a line that is not allowed."""
    if len(text) > MAX_BYTES:
        raise UserError(f"{name} has more than {MAX_BYTES // 1024} KiB.")
    requirements = []
    joined = text.replace("\r\n", "\n").replace("\\\n", " ")
    for number, line in enumerate(joined.split("\n"), start=1):
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        line = re.sub(r"\s+--hash=\S+", "", line).strip()
        if not line:
            continue
        if not LINE.fullmatch(line) or FILE.search(line):
            raise UserError(f"{name}, line {number}, cannot be installed: {line[:100]!r}. {ALLOWED}")
        requirements.append(line)
    return tuple(requirements)
