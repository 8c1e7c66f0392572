"""Exit codes of the commands that ask SageMaker, and what they print when it does not do as it is asked."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

DONE, REFUSED, SILENT = 0, 2, 3
UNREAD = 141  # as of a program that SIGPIPE ended: whoever read the output has closed it


def outcome(act: Callable[[], int | None]) -> int:
    """The exit code of `act`; what it raises is printed in words."""
    from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError, NoCredentialsError

    from sagewright.sdk.errors import NO_CREDENTIALS, SagewrightError

    try:
        code = act() or DONE
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        with suppress(OSError, ValueError), Path(os.devnull).open("w") as nowhere:  # where the rest goes at exit
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return UNREAD
    except SagewrightError as e:
        return _say(str(e), REFUSED)
    except ClientError as e:
        return _say(e.response["Error"].get("Message") or str(e), REFUSED)
    except NoCredentialsError:
        return _say(NO_CREDENTIALS, REFUSED)
    except (ConnectionError, HTTPClientError) as e:
        return _say(f"{e} Is it running? `sagewright test-connection` says what is in use.", SILENT)
    except (BotoCoreError, ValueError, OSError) as e:
        return _say(str(e), REFUSED)


def _say(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code


def show(rows: Sequence[dict[str, Any]], as_json: bool, nothing: str) -> None:
    """Print rows of the same columns: aligned, or as JSON."""
    if as_json:
        print(json.dumps(list(rows), indent=1, default=str))
        return
    if not rows:
        print(nothing, file=sys.stderr)
        return
    lines = [[str(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*([name for name in rows[0]], *lines), strict=True)]
    for line in ([name.upper() for name in rows[0]], *lines):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
