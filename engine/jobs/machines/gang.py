"""The machines of one attempt of a job, as the runner of one of them sees them: alone, the first, or another."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from algorithms.contract import UserError
from common.db.claim import Claim, Unfinished
from common.model_archive import BadArtifact, unpack
from engine.jobs.child import Child
from engine.jobs.folder import MemberFolder
from engine.jobs.leftovers import list_files
from engine.jobs.machines.mesh import Mesh
from engine.jobs.transfers import Transfers
from engine.jobs.workload import Ending

FIRST = 0  # the number of the machine that has the job's claim
HALT, FAILED, ENDED, LEFT, OVER = "halt", "failed", "ended", "left", "over"
INBOX = "inbox"
MOST_FILES = 100_000  # of one member
MOST_BYTES = 1 << 50  # where the job has no volume
PARTS = ("model", "output/data")  # folders of a member whose files are the job's


class Over(Exception):
    """The job has ended, or has been given back, or this machine has lost the first one: nothing is to be done."""


class Failure(NamedTuple):
    """Why a member has failed, and when, of time.monotonic."""

    at: float
    reason: str


class Gang:
    """One machine alone. `hosts` are the members that run here, and `claim` is what gives the right to do so.

    With several machines, `addresses` has each member's in the network that they share.
    """

    settle = 0.0  # seconds after a failure in which an earlier one of another machine may become known

    def __init__(self, claim: Claim[Any], hosts: Sequence[str], addresses: dict[str, str] | None = None):
        self.claim, self.hosts, self.addresses = claim, tuple(hosts), addresses or {}
        self.halted: Ending | None = None  # what the first machine has said
        self.failure: Failure | None = None  # the first of other machines
        self.metrics: list[list[dict]] = []  # the last values of other machines, in the order of their members

    @property
    def is_over(self) -> bool:
        """Whether the members of all other machines have ended."""
        return True

    def open(self, root: Path) -> None:
        """Begin; `root` is the folder of this attempt."""

    def carry(self, processes: Sequence[Child]) -> None:
        """Carry the packets of the members that have started."""

    def check(self) -> None:
        """Hear what other machines say. Raises Unfinished when one is lost, and Over when nothing is left to do."""

    def halt(self, ending: Ending) -> None:
        """Have the members of other machines end too."""

    def folders(self, volume: int) -> list[MemberFolder]:
        """Return the folders with what the members of other machines have left, `volume` bytes each, 0 for any.

        Raises UserError.
        """
        return []


class _Linked(Gang):
    """One of several machines."""

    settle = 2.0

    def __init__(self, claim: Claim[Any], hosts: Sequence[str], addresses: dict[str, str], mesh: Mesh):
        super().__init__(claim, hosts, addresses)
        self.mesh = mesh

    def carry(self, processes: Sequence[Child]) -> None:
        """Carry the packets of the members' network."""
        self.mesh.carry(processes[0].packets)


class First(_Linked):
    """The machine that has the job's claim and decides. `others` are the hosts of the other ones by their number."""

    def __init__(
        self, claim: Claim[Any], hosts: Sequence[str], addresses: dict[str, str], mesh: Mesh,
        others: dict[int, list[str]], peers: dict[int, str],
    ):  # fmt: skip
        super().__init__(claim, hosts, addresses, mesh)
        self._others, self._peers = others, peers
        self._ended: dict[int, list[dict]] = {}

    @property
    def is_over(self) -> bool:
        """Whether every other machine has said that its members have ended."""
        return self._ended.keys() == self._others.keys()

    def open(self, root: Path) -> None:
        """Have a folder for what other machines send."""
        self._root = root
        (root / INBOX).mkdir(mode=0o700)
        self.mesh.inbox = root / INBOX

    def check(self) -> None:
        """Note failures and ends.

        Raises Unfinished when a machine is gone before its members have ended, and OSError when what they have left
        cannot be written here.
        """
        messages = self.mesh.messages()
        if self.mesh.refused:
            raise self.mesh.refused
        for message in messages:
            if message.kind == FAILED:
                reason, age = message.content
                failure = Failure(message.at - age, reason)
                self.failure = min(self.failure or failure, failure)
            elif message.kind == ENDED:
                self._ended[message.sender] = message.content
                self.metrics = [self._ended[number] for number in sorted(self._ended)]
            elif message.kind == LEFT and message.sender not in self._ended:
                why, counted = message.content
                raise Unfinished(f"The machine at {self._peers[message.sender]} has left the job: {why}", counted)
        for number, why in [*self.mesh.lost.items()]:
            if number not in self._ended:
                raise Unfinished(f"The machine at {self._peers[number]} was lost: {why}.", counted=True)

    def halt(self, ending: Ending) -> None:
        """Have the members of the other machines end too."""
        self.mesh.tell_all(HALT, ending.value)

    def folders(self, volume: int) -> list[MemberFolder]:
        """Unpack what the other machines have sent, and return a folder for each of their members."""
        folders = []
        for number in sorted(self._others):
            for host in self._others[number]:
                folder = MemberFolder(self._root / host)
                folder.create()
                for part in PARTS:
                    archive = self._root / INBOX / archive_name(host, part)
                    if archive.exists():
                        _unpack(archive, folder.root / part, volume or MOST_BYTES)
                folders.append(folder)
        return folders


class Another(_Linked):
    """A machine that the first one has asked to run some of the members."""

    def check(self) -> None:
        """Obey the first machine. Raises Over when it is done or lost, Unfinished when another one is lost."""
        for message in self.mesh.messages():
            if message.kind == HALT:
                self.halted = Ending(message.content)
            elif message.kind == OVER:
                raise Over("the first machine has ended the job")
        for number, why in [*self.mesh.lost.items()]:
            if number == FIRST:
                raise Over(f"the first machine was lost: {why}")
            raise Unfinished(f"it has lost another machine: {why}.", counted=True)

    def report_failure(self, failure: Failure) -> None:
        """Tell the first machine that a member has failed."""
        self.mesh.tell(FIRST, FAILED, [failure.reason, time.monotonic() - failure.at])

    def report_end(self, metrics: list[dict]) -> None:
        """Tell the first machine that all members here have ended, with the last values of their metrics."""
        self.mesh.tell(FIRST, ENDED, metrics)

    def leave(self, why: str, counted: bool) -> None:
        """Tell the first machine that this one cannot go on."""
        self.mesh.tell(FIRST, LEFT, [why, counted])

    def send(self, folder: MemberFolder, scratch: Path, transfers: Transfers, volume: int) -> None:
        """Send the first machine what a member has left. Raises UserError where it is more than `volume` bytes."""
        for part in PARTS:
            if list_files(folder.root / part):
                archive = scratch / archive_name(folder.host, part)
                transfers.pack(folder.root / part, archive, volume)
                self.mesh.send_file(FIRST, archive.name, archive, lambda: transfers.cancelled)


def archive_name(host: str, part: str) -> str:
    """Return the name of the archive of a member's folder."""
    return f"{host}-{part.replace('/', '-')}.tar.gz"


def _unpack(archive: Path, folder: Path, size: int) -> None:
    try:
        unpack(archive, folder, MOST_FILES, size)
    except BadArtifact as e:
        raise UserError(f"What a member on another machine has left cannot be packed with the rest. {e}") from e
    archive.unlink()
