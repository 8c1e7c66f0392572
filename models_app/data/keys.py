"""Object keys in words: the folders on the way, and what kind of file a key looks like."""

from django.utils.translation import gettext_lazy

KINDS = {
    ".csv": "CSV",
    ".tsv": "TSV",
    ".txt": gettext_lazy("Text"),
    ".md": gettext_lazy("Text"),
    ".data": gettext_lazy("Text"),
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".json": "JSON",
    ".jsonl": "JSON Lines",
    ".libsvm": "LibSVM",
    ".svm": "LibSVM",
    ".recordio": "RecordIO",
    ".tar.gz": gettext_lazy("Archive"),
    ".gz": "gzip",
    ".zip": gettext_lazy("Archive"),
}
# What can be learnt from. A file without an ending may be a table too, so it is not ruled out.
PLAIN = (".csv", ".tsv", ".txt", ".data", ".jsonl", ".ndjson", ".libsvm", ".svm")
TABLES = (*PLAIN, *(f"{ending}.gz" for ending in PLAIN), ".parquet", ".pq")
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".7z", ".rar")


def folders_of(prefix: str) -> list[tuple[str, str]]:
    """(name, prefix) of each folder on the way to `prefix`: "a/b/" -> [("a", "a/"), ("b", "a/b/")]."""
    steps: list[tuple[str, str]] = []
    for name in prefix.rstrip("/").split("/") if prefix.rstrip("/") else []:
        steps.append((name, (steps[-1][1] if steps else "") + name + "/"))
    return steps


def kind_of(key: str) -> str:
    """The kind of file the ending of `key` stands for; "-" when it says nothing."""
    name = key.rsplit("/", 1)[-1].lower()
    return next((str(kind) for ending, kind in KINDS.items() if name.endswith(ending)), "-")


def unusable(key: str, size: int) -> str:
    """Why the object cannot be chosen to learn from, in a few words; "" when it can."""
    name = key.rsplit("/", 1)[-1].lower()
    if not size:
        return str(gettext_lazy("Empty"))
    if name.startswith((".", "_")):
        return str(gettext_lazy("Hidden from SageMaker"))
    if name.endswith(ARCHIVES):
        return str(gettext_lazy("Archive: unpack it first"))
    return "" if is_table(key) else str(gettext_lazy("Not a data file"))


def is_table(key: str) -> bool:
    """True if the name of `key` is one of a table, or has no suffix."""
    name = key.rsplit("/", 1)[-1].lower()
    return name.endswith(TABLES) or "." not in name
