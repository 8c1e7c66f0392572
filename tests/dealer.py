"""Deals the tests out to the processes of `pytest -n`, and deals the rest again when one of them ends in the middle."""

from functools import cache

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# Folders, or files of them, that one process must run because they share something costly to start; the longest first.
# A process has one stack, which all its groups share, so a group that is split costs one more start at most.
WHILE_A_STACK_RUNS = (
    ("wire/models_app/", "sdk/"),
    (*(f"browser/test_{name}" for name in ("wrong_files", "journey", "upload", "every_algorithm", "bad_input")),),
    ("browser/",),
    ("kill/",),  # on a stack of its own
    ("pages/", "wire/test_notebook_life"),
)
TOGETHER = (
    *WHILE_A_STACK_RUNS,
    ("wire/gateway/",),
    ("wire/",),
    ("install/",),
    ("upgrade/",),
    ("scale/",),
    # Files that take long come before the other files, so that no process is left with one at the end.
    ("unit/preflight/test_corpus",),
    ("unit/algorithms/test_every_algorithm",),
    ("unit/engine/training/",),
    ("unit/engine/serving/",),
    ("unit/tables/test_one_classification",),
    ("unit/algorithms/test_xgboost_training",),
    ("unit/tables/test_spellings_numbers",),
    ("unit/tables/test_encode_row",),
    ("unit/tables/test_spellings_missing",),
    ("unit/tables/test_spellings_dates",),
    ("unit/tables/test_bombs",),
    ("unit/tables/test_training_statistics",),
    ("unit/tables/test_inspection",),
    ("unit/tables/test_isolated",),
    ("unit/tables/test_truth",),
)


def group_of(nodeid: str) -> tuple[int, str]:
    """Where the group of a test comes in TOGETHER, and the name of its file if it is of none."""
    return _group_of_file(nodeid.partition("::")[0])


@cache
def _group_of_file(file: str) -> tuple[int, str]:
    for index, folders in enumerate(TOGETHER):
        if file.startswith(tuple(f"tests/{folder}" for folder in folders)):
            return index, ""
    return len(TOGETHER), file


class Dealer(LoadScopeScheduling):
    """Folders that belong together go to one process, the rest by file."""

    def _split_scope(self, nodeid: str) -> str:
        return str(group_of(nodeid))

    def remove_node(self, node: WorkerController) -> str | None:
        """Give the tests of a process that has ended to the others, but not the one that it ran: that has failed."""
        for unit in self.assigned_work[node].values():
            for nodeid, done in unit.items():
                if not done:
                    unit[nodeid] = True
                    super().remove_node(node)
                    return nodeid
        return super().remove_node(node)

    def _reschedule(self, node: WorkerController) -> None:
        """Give a process tests until it has three, or the word that no more come.

        It runs a test only when it knows the next one or that there is none: with a single one it waits for ever.
        """
        super()._reschedule(node)
        while not node.shutting_down and self._pending_of(self.assigned_work[node]) <= 2:
            super()._reschedule(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log) -> Dealer:
    return Dealer(config, log)


def pytest_handlecrashitem(crashitem: str, report: pytest.TestReport, sched: Dealer) -> None:
    """Say at once how a process has ended: the summary comes at the end."""
    code = report.node.gateway._io.popen.wait(10)  # execnet has no public name for it
    report.longrepr = f"{report.longrepr}, with the code {code}"
    sched.config.get_terminal_writer().line(f"\n{report.longrepr}", red=True)
