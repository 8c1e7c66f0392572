"""Puts the application into the wheel: every folder of the checkout that runs, below sagewright/app."""

import tomllib
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NOTEBOOK_LOCKS = ("requirements-notebook-server.lock", "requirements-kernel-sdk2.lock", "requirements-kernel-sdk3.lock")
BESIDE_PACKAGES = ("templates", "static", "locale", "manage.py", "requirements-scripts.lock", *NOTEBOOK_LOCKS)
PAPERS = ("*.md", "docs/**/*.md", "docs/images/*")  # what the console's Help shows


class Application(BuildHookInterface):
    """Adds the packages that import-linter knows, and what lies beside them. An editable install needs no copy."""

    def initialize(self, version: str, build_data: dict) -> None:
        """Add the application's folders to the wheel, below sagewright/app; nothing for an editable install."""
        if version == "editable":
            return
        root = Path(self.root)
        known = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
        for name in (*known, *BESIDE_PACKAGES):
            if name != "sagewright":
                build_data["force_include"][str(root / name)] = f"sagewright/app/{name}"
        for file in (file for pattern in PAPERS for file in root.glob(pattern)):
            build_data["force_include"][str(file)] = f"sagewright/app/{file.relative_to(root).as_posix()}"
