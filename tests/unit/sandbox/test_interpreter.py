"""What a program of ours finds in a sandbox."""

import os

from sandbox.interpreter import PROJECT, own_program
from sandbox.spec import Level, Spec


def test_an_algorithm_on_the_path_of_its_caller_can_be_imported(tmp_path):
    environment = {"PYTHONPATH": os.pathsep.join(("/plugins", str(PROJECT), ""))}
    spec = own_program(Spec(tmp_path, environment=environment), Level.WALLED, "unused")
    assert spec.environment["PYTHONPATH"].split(os.pathsep) == [str(PROJECT), "/plugins"]
