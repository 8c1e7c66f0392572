"""Looks at processes from outside, by /proc."""

from pathlib import Path


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def descendants(pid: int) -> list[int]:
    """Everything the process has started, and what that has started."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(c) for thread in threads for c in (thread / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return children + [d for c in children for d in descendants(c)]


def named(name: str) -> list[int]:
    """The living processes with a name in their command, for those that are numbered otherwise where they run."""
    pids = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            texts = (folder / "comm").read_text(), (folder / "cmdline").read_text(errors="replace")
        except OSError:
            continue
        if any(name in text for text in texts) and alive(int(folder.name)):
            pids.append(int(folder.name))
    return pids
