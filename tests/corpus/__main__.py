"""`python -m tests.corpus`: checks the corpus, prints what was missed, writes docs/preflight-report.md."""

import sys
from pathlib import Path

from tests.corpus import check, report

DOCS = Path(__file__).parents[2] / "docs"


def main() -> int:
    """Return 1 when something was missed or wrongly blocked."""
    result = check.run()
    text = report.page(result)
    print(text)
    (DOCS / "preflight-report.md").write_text(text)
    return int(bool(result.misses or result.false_blocks or not all(result.corruptions.values())))


if __name__ == "__main__":
    sys.exit(main())
