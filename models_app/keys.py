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
TABLES = (".csv", ".tsv", ".txt", ".data", ".parquet", ".pq", ".libsvm", ".svm", ".csv.gz", ".tsv.gz")


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


def is_table(key: str) -> bool:
    name = key.rsplit("/", 1)[-1].lower()
    return name.endswith(TABLES) or "." not in name
