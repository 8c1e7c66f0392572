"""Runs notebooks of AWS's public examples inside a notebook instance of a running engine, cell by cell.

    git clone https://github.com/aws/amazon-sagemaker-examples
    eval "$(python3 run exports)"
    python -m tests.public_notebooks amazon-sagemaker-examples sm-introduction_to_pca.ipynb kmeans_mnist.ipynb

A notebook is named by the end of its path, without names by NOTEBOOKS. No line of a notebook is changed. The buckets of
AWS's data sets are made in the engine, with small made-up tables of the same form; files beside a notebook are put
beside it, and a script that lies only beside another notebook of the repository. A cell that fails is counted, and the
next one runs. Nothing of AWS's repository is kept in this one.
"""

import argparse
import asyncio
import base64
import gzip
import io
import json
import pickle
import re
import socket
import subprocess
import sys
import time
import uuid

import aiohttp
import boto3
import numpy as np
from sklearn.datasets import load_breast_cancer
from yarl import URL

from tests import localhost_names

INSTANCE = "public-notebooks"
FILES, SAMPLES = "sagemaker-example-files-prod-us-east-1", "sagemaker-sample-files"
OLDER, CONFIG = "sagemaker-sample-data-us-east-1", "example-notebooks-data-config"
CELL_SECONDS, LARGEST = 240, 1_000_000
NOTEBOOKS = (
    "sm-introduction_to_pca.ipynb",
    "sm-random_cut_forest_example.ipynb",
    "sm-regression_xgboost.ipynb",
    "sm-linear_learner_mnist.ipynb",
    "archived/Linear_Learner_Regression_csv_format.ipynb",
    "sm-introduction_to_factorization_machines.ipynb",
    "sm-k_nearest_neighbors_multi_class_classification.ipynb",
    "archived/kmeans_bring_your_own_model.ipynb",
    "Batch Transform - breast cancer prediction with high level SDK.ipynb",
    "Batch Transform - breast cancer prediction with lowel level SDK.ipynb",
    "archived/xgboost_customer_churn_outputs.ipynb",
    "xgboost_abalone_dist_script_mode.ipynb",
    "archived/sklearn/sklearn_byom_outputs.ipynb",
    "scikit_learn_estimator_example_with_batch_transform_outputs.ipynb",
    "xgboost_parquet_input_training.ipynb",
    "archived/xgboost_mnist.ipynb",
    "sm-xgboost_bring_your_own_model.ipynb",
    "sm-managed_spot_training_xgboost.ipynb",
)


def data_sets() -> dict[tuple[str, str], bytes]:
    """{(bucket, key): content} of tables in the form of those that AWS's examples download."""
    random = np.random.default_rng(1)
    digits = [_digits(random, rows) for rows in (50_000, 10_000, 10_000)]  # as many as MNIST has: they are in settings
    taxi = 15000 + 8000 * np.sin(np.arange(2000) * np.pi / 24) + random.normal(0, 500, 2000)
    hours = [f"2014-07-{1 + i // 48 % 30:02} {i // 2 % 24:02}:{30 * (i % 2):02}:00,{v:.0f}" for i, v in enumerate(taxi)]
    x = random.random((1200, 8)).round(4)
    x[:, 0] = random.integers(1, 4, 1200)
    y = (3 + 10 * x[:, 1] + 5 * x[:, 7] + random.normal(0, 1, 1200)).round()
    libsvm = [f"{t:.0f} " + " ".join(f"{i + 1}:{v:g}" for i, v in enumerate(row)) for t, row in zip(y, x, strict=True)]
    table = [f"{t:.0f}," + ",".join(f"{v:g}" for v in row) for t, row in zip(y, x, strict=True)]
    centres = {
        "Iris-setosa": (5.0, 3.4, 1.5, 0.2),
        "Iris-versicolor": (5.9, 2.8, 4.3, 1.3),
        "Iris-virginica": (6.6, 3, 5.6, 2),
    }
    iris = [
        ",".join(f"{v:.1f}" for v in random.normal(centre, 0.3).clip(0.1)) + f",{name}"
        for name, centre in centres.items()
        for _ in range(50)
    ]
    numbers = [line.replace(name, str(i)) for line in iris for i, name in enumerate(centres) if name in line]
    packed = gzip.compress(pickle.dumps(digits), 1)
    tables = {
        (FILES, "datasets/image/MNIST/mnist.pkl.gz"): packed,
        (OLDER, "algorithms/kmeans/mnist/mnist.pkl.gz"): packed,
        (CONFIG, "config/data_config.json"): json.dumps({"default": FILES}).encode(),
        (FILES, "datasets/tabular/breast_cancer/wdbc.csv"): _text(_cancer()),
        (FILES, "datasets/tabular/uci_covtype/covtype.data.gz"): gzip.compress(_text(_cover(random)), 1),
        (FILES, "datasets/tabular/anomaly_benchmark_taxi/NAB_nyc_taxi.csv"): _text(["timestamp,value", *hours]),
        (SAMPLES, "datasets/tabular/synthetic/churn.txt"): _churn(random),
        (SAMPLES, "datasets/tabular/iris/iris.data"): _text(iris),
        (SAMPLES, "datasets/tabular/iris/iris.csv"): _text(numbers),
    }
    for bucket in (FILES, SAMPLES):
        folder = "datasets/tabular/uci_abalone"
        tables[bucket, f"{folder}/abalone.libsvm"] = _text(libsvm)
        tables[bucket, f"{folder}/abalone.csv"] = _text(table)
        for part, rows in (("train", slice(800)), ("validation", slice(800, 1000)), ("test", slice(1000, None))):
            tables[bucket, f"{folder}/{part}/abalone.{part}"] = _text(libsvm[rows])
            for name in (f"abalone_dataset1_{part}.csv", f"abalone_{part}.csv"):
                tables[bucket, f"{folder}/{part}_csv/{name}"] = _text(table[rows])
    return tables


class Inside:
    """A kernel of the instance, reached as a browser does."""

    def __init__(self, session: aiohttp.ClientSession, base: str):
        self.session, self.base = session, base
        self.headers = {"Origin": str(URL(base).origin())}

    async def put(self, path: str, content: bytes) -> None:
        """Put a file, with its folders."""
        for end in [i for i, c in enumerate(path) if c == "/"]:
            await self._request("PUT", f"contents/{path[:end]}", {"type": "directory"})
        body = {"type": "file", "format": "base64", "content": base64.b64encode(content).decode()}
        await self._request("PUT", f"contents/{path}", body)

    async def run(self, path: str, cells: list[str], kernel: str) -> list[str]:
        """Run cells in a new kernel; the error of each, "" where there was none."""
        body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": kernel}}
        session = await self._request("POST", "sessions", body)
        url = f"{self.base}api/kernels/{session['kernel']['id']}/channels"
        errors = []
        async with self.session.ws_connect(url, headers=self.headers, max_msg_size=0) as socket:
            for source in cells:
                try:
                    errors.append(await asyncio.wait_for(self._cell(socket, source), CELL_SECONDS))
                except TimeoutError:
                    errors.append(f"no end within {CELL_SECONDS} s")
                    await self._request("POST", f"kernels/{session['kernel']['id']}/interrupt", {})
        await self._request("DELETE", f"sessions/{session['id']}")
        return errors

    async def _cell(self, socket, source: str) -> str:
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": "execute_request", "username": "", "session": number, "version": "5.3"}
        content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": False}
        await socket.send_json(
            {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        )
        async for message in socket:
            reply = json.loads(message.data) if message.type == aiohttp.WSMsgType.TEXT else {}
            is_reply = reply.get("msg_type") == "execute_reply" and reply["parent_header"].get("msg_id") == number
            if is_reply:
                result = reply["content"]
                return "" if result["status"] == "ok" else f"{result.get('ename')}: {result.get('evalue')}"
        return "the kernel ended"

    async def _request(self, method: str, path: str, body=None):
        url = f"{self.base}api/{path}"
        async with self.session.request(method, url, json=body, headers=self.headers) as answer:
            if answer.status >= 400:
                raise RuntimeError(f"{method} {path}: {answer.status} {(await answer.text())[:300]}")
            return await answer.json() if answer.status != 204 else None


async def main() -> int:
    """Run the notebooks; print a line for each, and the errors."""
    options = argparse.ArgumentParser(prog="python -m tests.public_notebooks")
    options.add_argument("repository", help="AWS's examples, a git repository, with or without a work tree")
    options.add_argument("notebooks", nargs="*", default=NOTEBOOKS)
    options.add_argument("--kernel", default="python3", help="python3 has the SDK v2, python3-sdk3 the SDK v3")
    chosen = options.parse_args()
    socket.getaddrinfo = localhost_names.getaddrinfo
    _put_data_sets()
    base, link = await asyncio.to_thread(_start)
    names = _git(chosen.repository, "ls-tree", "-r", "--name-only", "-z", "HEAD").decode().split("\0")
    total = [0, 0]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        await (await session.get(link)).release()
        inside = Inside(session, base)
        for wanted in chosen.notebooks:
            name = next((name for name in names if name.endswith(wanted)), "")
            content = _git(chosen.repository, "show", f"HEAD:{name}") if name else b""
            if not content:
                print(f"{wanted}: not in the repository")
                continue
            cells = ["".join(c["source"]) for c in json.loads(content)["cells"] if c["cell_type"] == "code"]
            cells = [source for source in cells if source.strip()]
            folder = f"public/{re.sub(r'[^A-Za-z0-9]', '-', wanted)}"
            await _put_neighbours(inside, chosen.repository, names, name, folder)
            await _put_lost_scripts(inside, chosen.repository, names, name, folder, "\n".join(cells))
            began = time.monotonic()
            errors = await inside.run(f"{folder}/notebook.ipynb", cells, chosen.kernel)
            good = errors.count("")
            total[0] += good
            total[1] += len(cells)
            print(f"{wanted}: {good} of {len(cells)} cells, {time.monotonic() - began:.0f} s", flush=True)
            for number, error in enumerate(errors):
                if error:
                    print(f"    cell {number}: {' '.join(error.split())[:300]}", flush=True)
    print(f"{total[0]} of {total[1]} cells; no line changed")
    return 0 if total[0] == total[1] else 1


async def _put_neighbours(inside: Inside, repository: str, names: list[str], name: str, folder: str) -> None:
    where = name.rpartition("/")[0]
    others = [n for n in names if n.startswith(f"{where}/") and n != name and not n.endswith(".ipynb")]
    for other in others[:40] if where.count("/") > 1 or "archived/" in where else []:
        content = _git(repository, "show", f"HEAD:{other}")
        if content and len(content) < LARGEST:
            await inside.put(f"{folder}/{other.removeprefix(f'{where}/')}", content)


async def _put_lost_scripts(
    inside: Inside, repository: str, names: list[str], name: str, folder: str, code: str
) -> None:
    """Put the entry points that AWS's repository has in the folder of another notebook only."""
    where = name.rpartition("/")[0]
    for script in set(re.findall(r"entry_point=[\"']([\w.]+)[\"']", code)):
        elsewhere = [one for one in names if one.endswith(f"/{script}")]
        if elsewhere and f"{where}/{script}" not in elsewhere:
            await inside.put(f"{folder}/{script}", _git(repository, "show", f"HEAD:{elsewhere[0]}"))


def _put_data_sets() -> None:
    s3 = boto3.client("s3")
    if _has_bucket(s3, CONFIG) and s3.list_objects_v2(Bucket=CONFIG)["KeyCount"]:
        return  # an earlier run has put them all
    for bucket in (FILES, SAMPLES, OLDER, CONFIG):
        s3.create_bucket(Bucket=bucket)
    tables = data_sets()
    for bucket, key in sorted(tables, key=lambda position: position[0] == CONFIG):  # the last says that all are there
        s3.put_object(Bucket=bucket, Key=key, Body=tables[bucket, key])


def _has_bucket(s3, name: str) -> bool:
    return any(bucket["Name"] == name for bucket in s3.list_buckets()["Buckets"])


def _start() -> tuple[str, str]:
    """Make sure that the instance runs; its address, and a link that opens it."""
    sm, name = boto3.client("sagemaker"), {"NotebookInstanceName": INSTANCE}
    role = boto3.client("iam").list_roles()["Roles"][0]["Arn"]
    if not sm.list_notebook_instances(NameContains=INSTANCE)["NotebookInstances"]:
        sm.create_notebook_instance(**name, InstanceType="ml.m5.xlarge", RoleArn=role)
    elif sm.describe_notebook_instance(**name)["NotebookInstanceStatus"] in ("Stopped", "Failed"):
        sm.start_notebook_instance(**name)
    while (described := sm.describe_notebook_instance(**name))["NotebookInstanceStatus"] != "InService":
        if described["NotebookInstanceStatus"] == "Failed":
            raise SystemExit(described["FailureReason"])
        time.sleep(0.5)
    link = sm.create_presigned_notebook_instance_url(**name)["AuthorizedUrl"]
    return link.partition("?")[0], link


def _git(repository: str, *command: str) -> bytes:
    """What git prints, b"" when it fails, such as for a blob that a partial clone does not have."""
    return subprocess.run(["git", "-C", repository, *command], capture_output=True, check=False).stdout


def _digits(random: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    labels = random.integers(0, 10, 500)  # digits that differ; the others repeat them
    pixels = random.random((500, 784), dtype=np.float32) * 0.2
    for row, label in enumerate(labels):
        pixels[row, 70 * label : 70 * label + 70] += 0.8
    return np.tile(pixels, (rows // 500, 1)), np.tile(labels, rows // 500)


def _cancer() -> list[str]:
    data = load_breast_cancer()
    rows = zip(data.target, data.data, strict=True)
    return [f"{842302 + n},{'BM'[1 - y]},{','.join(f'{v:g}' for v in row)}" for n, (y, row) in enumerate(rows)]


def _cover(random: np.random.Generator) -> list[str]:
    x = random.integers(0, 200, (20_000, 54))
    y = 1 + (x[:, 0] + x[:, 1]) * 7 // 400
    return [f"{','.join(map(str, row))},{label}" for row, label in zip(x, y, strict=True)]


def _churn(random: np.random.Generator) -> bytes:
    names = (
        "State,Account Length,Area Code,Phone,Int'l Plan,VMail Plan,VMail Message,Day Mins,Day Calls,Day Charge,"
        "Eve Mins,Eve Calls,Eve Charge,Night Mins,Night Calls,Night Charge,Intl Mins,"
        "Intl Calls,Intl Charge,CustServ Calls,Churn?"
    )
    lines = [names]
    for number in range(1500):
        plan, mail = random.choice(["yes", "no"], 2)
        values = random.random(14) * 10
        left = "True." if values[1] + values[13] > 10 else "False."
        text = ",".join(f"{value:.3f}" for value in values)
        lines.append(
            f"{random.choice(['PA', 'SC', 'NY'])},{number % 200},{random.choice([657, 408])},{number:07},"
            f"{plan},{mail},{text},{left}"
        )
    return _text(lines)


def _text(lines: list[str]) -> bytes:
    return io.StringIO("\n".join(lines) + "\n").getvalue().encode()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
