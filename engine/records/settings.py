"""How a batch transform job treats its data: the part of its request that its programs read, as a file."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.records.filters import EVERYTHING

MIB = 2**20
DEFAULT_PAYLOAD, MAX_PAYLOAD = 6, 100  # MiB of a request
FILE = "input/config/transform.json"


@dataclass(frozen=True)
class InputFile:
    """One input object: its file below the member's folder, and its name in logs, "bucket/key"."""

    path: str
    label: str


@dataclass(frozen=True)
class DataSettings:
    """The settings of one job. `payload` is the most bytes of a request."""

    files: tuple[InputFile, ...]
    content_type: str = ""
    accept: str = ""
    is_gzipped: bool = False
    is_split: bool = False
    is_multi_record: bool = True
    payload: int = DEFAULT_PAYLOAD * MIB
    has_lines: bool = False  # AssembleWith: Line
    input_filter: str = EVERYTHING
    output_filter: str = EVERYTHING
    joins: bool = False
    timeout: float = 600.0
    retries: int = 3
    workers: int = 1

    @property
    def reads_answers(self) -> bool:
        """Whether the answers are taken apart into records."""
        return self.joins or self.output_filter != EVERYTHING

    def write(self, root: Path) -> None:
        """Write the settings into a member's folder."""
        (root / FILE).write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, root: Path) -> "DataSettings":
        """Read the settings of a member's folder."""
        content = json.loads((root / FILE).read_text())
        return cls(**content | {"files": tuple(InputFile(**file) for file in content["files"])})
