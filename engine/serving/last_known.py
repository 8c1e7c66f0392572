"""What the object store last answered, in small files on this machine, for the time in which it does not answer."""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from django.conf import settings

MAX_FILES = 1000  # the least recently written go first


def remember(uri: str, content: bytes) -> None:
    """Keep `content` for `uri`, in one step. A disk that is full keeps nothing."""
    file = _file(uri)
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file.exists() and file.read_bytes() == content:
            return
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".new", delete=False) as draft:
            draft.write(content)
        Path(draft.name).replace(file)
        for oldest in sorted(file.parent.iterdir(), key=os.path.getmtime)[:-MAX_FILES]:
            oldest.unlink(missing_ok=True)


def recall(uri: str) -> bytes | None:
    """What was kept for `uri`, None if nothing was."""
    try:
        return _file(uri).read_bytes()
    except OSError:
        return None


def _file(uri: str) -> Path:
    return settings.JOBS_FOLDER.parent / "last-known" / hashlib.sha256(uri.encode()).hexdigest()[:32]
