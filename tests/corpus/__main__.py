"""`python -m tests.corpus`: puts the corpus before preflight, prints what it missed, writes both pages of docs."""

import sys
from pathlib import Path

from preflight.catalogue import page
from tests.corpus import check, report

DOCS = Path(__file__).parents[2] / "docs"


def main() -> int:
    """1 when something was missed or wrongly blocked."""
    result = check.run()
    made = report.page(result)
    print(made)
    (DOCS / "preflight-report.md").write_text(made)
    (DOCS / "preflight.md").write_text(page())
    return int(bool(result.misses or result.false_blocks or not all(result.families.values())))


if __name__ == "__main__":
    sys.exit(main())
