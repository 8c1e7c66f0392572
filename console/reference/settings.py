"""Renders docs/reference/settings.md from the table of variables."""

from console.reference.markdown import NOTE, code, table
from sagewright.variables import GROUPS

HEAD = f"""# Settings

{NOTE}
Every setting is an environment variable and optional. `SAGEWRIGHT_..._FILE`, for any of them, names a file that has the
value, as secrets of containers and services come. Reading a variable that is not declared here is an error.
"""


def render() -> str:
    """The page: a table for each group of variables."""
    parts = [HEAD]
    for title, variables in GROUPS.items():
        rows = [(code(f"SAGEWRIGHT_{v.name}"), v.computed or code(v.default), v.help) for v in variables]
        parts.append(f"\n## {title}\n{table(('variable', 'default', 'meaning'), rows)}")
    return "".join(parts)
