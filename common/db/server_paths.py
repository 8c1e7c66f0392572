"""Keeps the paths of this server out of what others read: they tell who runs it and where, and help nobody else."""

import re
import sys
import sysconfig
from functools import cache

from django.conf import settings

MEMBER, MODEL = "/opt/ml", "/opt/ml/model"  # where SageMaker's containers have the same files


def hide_paths(text: str) -> str:
    """`text` with this server's folders under the names that SageMaker's containers have for them, or short ones."""
    for root, pattern, name in _roots(str(settings.JOBS_FOLDER), str(settings.DATA), str(settings.BASE_DIR)):
        if root in text:
            text = pattern.sub(name, text)
    return text


@cache
def _roots(jobs: str, data: str, application: str) -> tuple[tuple[str, re.Pattern, str], ...]:
    """(a folder, what of a text is a path in it, the name for that), the narrower folders first."""
    part = r"/[^/\s'\":,]+"
    models = [f"{jobs.rpartition('/')[0]}/{name}" for name in ("models", "checked-models")]
    packages = {sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib", "platstdlib")}
    named = [
        (jobs, f"{re.escape(jobs)}{part}{part}", MEMBER),
        (jobs, f"{re.escape(jobs)}(?:{part})?", MEMBER),
        *((folder, f"{re.escape(folder)}{part}(?:/unpacked)?", MODEL) for folder in models),
        (data, re.escape(data), "(data)"),
        *((path, re.escape(path), "(python)") for path in sorted(packages, key=len, reverse=True)),
        *((path, re.escape(path), "(python)") for path in {sys.prefix, sys.base_prefix} if len(path) > 4),
        (application, re.escape(application), "(sagewright)"),
    ]
    return tuple((root, re.compile(rf"(?<![\w.-])(?:{pattern})(?![\w-])"), name) for root, pattern, name in named)
