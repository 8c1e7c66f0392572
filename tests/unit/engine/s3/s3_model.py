"""What S3 lists, in a few lines: the rule that listings are compared with."""

from engine.s3.listing import Position, group_of


def expected(keys: list[tuple[str, str]], prefix: str, delimiter: str, after: Position) -> list[tuple[str, str]]:
    """The entries (text, id) of a listing without a limit; `keys` are (key, id), whose ids ascend within a key."""
    entries: list[tuple[str, str]] = []
    for key, identifier in sorted(keys):
        if not key.startswith(prefix) or key < after.text or (key == after.text and identifier <= after.id):
            continue
        if after.is_prefix and key.startswith(after.text):
            continue
        if key == after.text and not after.id:
            continue
        group = group_of(key, prefix, delimiter)
        entry = (group, "") if group else (key, identifier)
        if entry not in entries[-1:]:
            entries.append(entry)
    return entries
