"""The files of an archive that a person uploads beside their code: names inside a folder, sizes within limits."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from pathlib import PurePosixPath

from common.messages import _
from common.problems import Problem

MAX_ARCHIVE = 5 * 1024 * 1024  # bytes of the zip
MAX_UNPACKED = 20 * 1024 * 1024  # bytes of all files
MAX_FILES = 500
_SKIPPED = ("__MACOSX", "__pycache__", ".git", ".ipynb_checkpoints", ".venv", "node_modules")
FIELD = "code_file"


def unpack(content: bytes) -> dict[str, bytes]:
    """{name: content} of the files of a zip; a single folder around all of them is taken off.

    Raises Problem(field="code_file") for what is no zip, is too large, or has names that lead elsewhere.
    """
    if len(content) > MAX_ARCHIVE:
        raise Problem(_("The archive is larger than 5 MB. Move data and weights to S3."), FIELD)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = _read(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        RuntimeError,
        NotImplementedError,
        ValueError,
        OSError,
        IndexError,
    ):
        raise Problem(_("The archive is no zip that can be read. Pack it again."), FIELD) from None
    if not files:
        raise Problem(_("The archive has no files. Pack the folder of your code."), FIELD)
    return _without_folder(files)


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    room = MAX_UNPACKED
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        if member.is_dir() or any(part in _SKIPPED for part in path.parts):
            continue
        if stat.S_ISLNK(member.external_attr >> 16):
            raise Problem(_("%(name)s is a link. Pack the file itself.", name=member.filename), FIELD)
        if not path.parts or not path.name.isprintable():
            raise Problem(_("The archive has a file without a proper name. Pack the folder of your code."), FIELD)
        if path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in path.parts[0]:
            words = _("%(name)s leads out of the archive. Pack the folder of your code.", name=member.filename)
            raise Problem(words, FIELD)
        if len(files) == MAX_FILES:
            raise Problem(_("The archive has more than 500 files. Leave out what the code does not need."), FIELD)
        with archive.open(member) as file:
            files[str(path)] = file.read(room + 1)  # what the archive says of sizes may be wrong
        room -= len(files[str(path)])
        if room < 0:
            raise Problem(_("The archive has more than 20 MB of files. Move data and weights to S3."), FIELD)
    return files


def _without_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    tops = {PurePosixPath(name).parts[0] for name in files}
    if len(tops) > 1 or any("/" not in name for name in files):
        return files
    return {str(PurePosixPath(*PurePosixPath(name).parts[1:])): content for name, content in files.items()}
