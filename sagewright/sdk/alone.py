"""Checks that a class imports from its archive alone, before a job finds out that it does not."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from sagewright.sdk.bundle import Bundle
from sagewright.sdk.errors import NotAlone

_checked: set[str] = set()


class AloneCheck:
    """Imports the class from its archive alone, in a process of its own. `result()` waits for it."""

    def __init__(self, bundle: Bundle):
        self.bundle = bundle
        self._process: subprocess.Popen[str] | None = None
        if bundle.digest in _checked:
            return
        self._folder = tempfile.TemporaryDirectory(prefix="sagewright-alone-")
        for name, content in bundle.files.items():
            file = Path(self._folder.name, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        program = (
            f"import sys; sys.path.insert(0, {self._folder.name!r}); sys.dont_write_bytecode = True\n"
            f"import importlib; getattr(importlib.import_module({bundle.module!r}), {bundle.cls!r})"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", program],
            cwd=self._folder.name,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def result(self) -> None:
        """Raise NotAlone if the import failed, with its last line and place."""
        if self._process is None:
            return
        _out, error = self._process.communicate()
        self._folder.cleanup()
        if self._process.returncode:
            lines = error.strip().splitlines() or ["it ended without a word"]
            frames = [line.strip() for line in lines if line.strip().startswith("File") and self._folder.name in line]
            frame = frames[-1].replace(f"{self._folder.name}/", "") if frames else self.bundle.module
            raise NotAlone(
                f"{self.bundle.cls} does not import by itself, as a job must: {lines[-1]} ({frame}). A job has the "
                "class's module, what it imports, and its requirements; put what else runs under "
                'if __name__ == "__main__".'
            )
        _checked.add(self.bundle.digest)
