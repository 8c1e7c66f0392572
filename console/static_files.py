"""The static files as they are collected: the parts of the stylesheet become one file, so a page asks for one."""

import re

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEET = "style.css"
_IMPORT = re.compile(r'^@import "(?P<part>[\w/]+\.css)";\n', re.MULTILINE)


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, with the imports of the stylesheet replaced by the files that they name.

    A browser would ask for imported files only after it has read the first. Without collectstatic the imports work as
    they are.
    """

    def post_process(self, paths, dry_run=False, **options):
        """Join the stylesheet, then name and compress all files. `paths` maps a name to its source: (storage, path)."""
        if STYLESHEET in paths and not dry_run:
            sheet = _read(paths, STYLESHEET)
            parts = _IMPORT.findall(sheet)
            joined = _IMPORT.sub(lambda match: _read(paths, match["part"]), sheet)
            for name in (STYLESHEET, *parts):
                self.delete(name)
                paths.pop(name)
            self.save(STYLESHEET, ContentFile(joined))
            paths[STYLESHEET] = (self, STYLESHEET)
        yield from super().post_process(paths, dry_run=dry_run, **options)


def _read(paths, name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        return file.read().decode()
