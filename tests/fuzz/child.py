"""Tries mutated models in this process: `python -m tests.fuzz.child FORMATS SEED FIRST SECONDS`.

Prints the number of each model before it is tried, and afterwards what became of it: refused, unproven or proven. A
proven model is loaded here and predicts, as the gateway would. The parent sees a crash or a hang by the last number.
"""

import os
import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path
from random import Random

import numpy as np

import algorithms
from algorithms.model_proof import Unproven
from algorithms.spec import InvocationError, Predictor, UserError
from tests.fuzz.mutations import mutate
from tests.fuzz.seeds import FORMATS

MEMORY = 6 * 1024**3
ROW_SECONDS = 1.0  # far above what a proven model may take


def case(forms: list[str], seed: int, number: int) -> tuple[str, dict[str, bytes]]:
    """The format and the files of one mutated model. The same arguments give the same model."""
    form = forms[number % len(forms)]
    random = Random(f"{form} {seed} {number}")
    return form, mutate(form, random.choice(FORMATS[form][1]()), random)


def attempt(algorithm: str, files: dict[str, bytes]) -> str:
    """Validate the model, and if it is proven load the copy and predict. Raises what must not happen."""
    predictor_class = algorithms.get(algorithm).load_predictor()
    with tempfile.TemporaryDirectory() as folder:
        model, copy = Path(folder, "model"), Path(folder, "copy")
        for each in (model, copy):
            each.mkdir()
        for name, content in files.items():
            (model / name).write_bytes(content)
        try:
            proof = predictor_class.validate(model, copy)
        except UserError as e:
            assert len(str(e)) > 20, e
            return "refused"
        except Unproven:
            return "unproven"
        try:
            predictor = predictor_class.load(copy)
            predictor.probe()
        except UserError:
            return "proven, refused by the library"
        assert predictor.n_features == proof.features
        _predict(predictor)
        return "proven"


def _predict(predictor: Predictor) -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(66, predictor.n_features)) * random.choice([0.1, 10, 1e6], (66, 1))
    rows = rows.astype(np.float32)
    rows[:3] = [[1e30], [-1e30], [0.0]]
    sparse = np.where(random.random(rows.shape) < 0.5, np.float32("nan"), rows)
    for batch in (rows, rows[:1], rows[3:], sparse, sparse[:1]):
        began = time.monotonic()
        try:
            predictor.write(predictor.predict(predictor.check(batch)), predictor.response_type(None))
        except InvocationError:
            continue
        assert time.monotonic() - began < ROW_SECONDS * len(batch), f"{time.monotonic() - began:.1f} s"


def main() -> None:
    forms, seed, first, seconds = sys.argv[1].split(","), *map(int, sys.argv[2:4]), float(sys.argv[4])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")  # NumPy's, of infinite numbers
    report = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the trainers and libraries print too
    for form in forms:
        for files in FORMATS[form][1]():
            assert attempt(FORMATS[form][0], files) in ("proven", "unproven"), f"a good model is refused: {form}"
    number, until = first, time.monotonic() + seconds
    while time.monotonic() < until:
        form, files = case(forms, seed, number)
        print(number, file=report, flush=True)
        print(f"{form}: {attempt(FORMATS[form][0], files)}", file=report, flush=True)
        number += 1


if __name__ == "__main__":
    main()
