"""The archive that a person uploads beside their code: what is taken, and what is refused by name."""

import io
import zipfile

import pytest

from common.problems import Problem
from jobs.code.unpack import MAX_ARCHIVE, unpack


def zipped(files: dict[str, bytes], links: tuple[str, ...] = ()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o120777 if name in links else 0o100644) << 16
            archive.writestr(info, content)
    return out.getvalue()


def test_files_are_taken_out_of_the_folder_around_them():
    files = {"code/train.py": b"x", "code/lib/a.py": b"y", "code/__pycache__/a.pyc": b"z", "__MACOSX/code/x": b"z"}

    assert unpack(zipped(files)) == {"train.py": b"x", "lib/a.py": b"y"}
    assert unpack(zipped({"train.py": b"x", "lib/a.py": b"y"})) == {"train.py": b"x", "lib/a.py": b"y"}


REFUSED = {
    "no zip": (b"hello", "is no zip"),
    "cut": (zipped({"a.py": b"x" * 1000})[:-30], "is no zip"),
    "empty": (zipped({}), "has no files"),
    "above": (zipped({"../a.py": b"x"}), "leads out"),
    "absolute": (zipped({"/etc/a.py": b"x"}), "leads out"),
    "backslash": (zipped({"a\\..\\b.py": b"x"}), "leads out"),
    "dot": (zipped({".": b"x"}), "without a proper name"),
    "two lines": (zipped({"a\nb.py": b"x"}), "without a proper name"),
    "link": (zipped({"a.py": b"/etc/passwd"}, ("a.py",)), "is a link"),
    "bomb": (zipped({f"{n}.bin": bytes(5 * 1024 * 1024) for n in range(5)}), "more than 20 MB"),
    "many": (zipped({f"{n}.py": b"" for n in range(501)}), "more than 500 files"),
    "large": (bytes(MAX_ARCHIVE + 1), "larger than 5 MB"),
}


@pytest.mark.parametrize("content, text", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_code_is_refused(content, text):
    with pytest.raises(Problem, match=text) as refused:
        unpack(content)

    assert refused.value.field == "code_file"
