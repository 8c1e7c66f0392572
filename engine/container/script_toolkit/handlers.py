"""The functions that answer a request: those of the script, and the framework's own where it has none."""

import importlib
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, NamedTuple

from script_toolkit import encoders
from script_toolkit.encoders import UnsupportedFormat

DEFAULT_ACCEPT = "application/json"
STEPS = ("model_fn", "input_fn", "predict_fn", "output_fn")


class RequestError(Exception):
    """A request that is answered with an error's status and text."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


class Context(NamedTuple):
    """What the inference toolkit passes to a function that takes one argument more."""

    model_name: str
    system_properties: dict[str, Any]
    request: dict[str, Any]

    def get_request_header(self, index: int, name: str) -> str | None:
        """A header of the request, None if it has none of that name."""
        return self.request.get("headers", {}).get(name.lower())


def _no_model(model_dir: str) -> Any:
    raise NotImplementedError(
        "Please provide a model_fn implementation.\nSee documentation for model_fn at "
        "https://sagemaker.readthedocs.io/en/stable/frameworks/index.html"
    )


def _no_prediction(data: Any, model: Any) -> Any:
    raise NotImplementedError("Please provide a predict_fn implementation.")


def _encoded(prediction: Any, accept: str) -> tuple[Any, str]:
    chosen = encoders.choose_format(accept)
    return encoders.encode(prediction, chosen), chosen


DEFAULTS: dict[str, dict[str, Callable]] = {
    "sklearn": {
        "model_fn": _no_model, "input_fn": encoders.decode, "predict_fn": lambda data, model: model.predict(data),
        "output_fn": _encoded,
    },
    "xgboost": {
        "model_fn": _no_model, "input_fn": encoders.matrix,
        "predict_fn": lambda data, model: model.predict(data, validate_features=False), "output_fn": _encoded,
    },
    "python": {
        "model_fn": _no_model, "input_fn": encoders.decode, "predict_fn": _no_prediction, "output_fn": _encoded,
    },
}  # fmt: skip


class Handlers:
    """The functions of one script, and the model that its model_fn has loaded."""

    def __init__(self, module: ModuleType | None, framework: str, environ: Mapping[str, str]):
        self._functions = {}
        self._own = [name for name in (*STEPS, "transform_fn") if callable(getattr(module, name, None))]
        for name in (*STEPS, "transform_fn"):
            default = DEFAULTS[framework].get(name)
            self._functions[name] = _Function(getattr(module, name) if name in self._own else default)
        if "transform_fn" in self._own and {*self._own} & {"input_fn", "predict_fn", "output_fn"}:
            raise ValueError("Cannot use transform_fn implementation with input_fn, predict_fn, and/or output_fn")
        self._default_accept = environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or DEFAULT_ACCEPT
        self._model: Any = None

    def load(self, model_dir: str) -> None:
        """Load the model. Raises whatever model_fn raises."""
        self._model = self._functions["model_fn"](_context({}), model_dir)

    def answer(self, body: bytes, headers: Mapping[str, str | None]) -> tuple[bytes, str]:
        """The body and the content type of the answer. Raises RequestError, and whatever the functions raise."""
        content_type = (headers.get("content-type") or DEFAULT_ACCEPT).split(";")[0].strip().lower()
        accept = headers.get("accept") or ""
        accept = accept if accept and accept != "*/*" else self._default_accept
        content: Any = body.decode("utf-8") if content_type in encoders.TEXT else body
        context = _context(headers)
        if "transform_fn" in self._own:
            return _written(
                self._functions["transform_fn"](context, self._model, content, content_type, accept), accept
            )
        try:
            data = self._functions["input_fn"](context, content, content_type)
        except UnsupportedFormat as e:
            raise RequestError(415, str(e)) from e
        except (ValueError, UnicodeDecodeError) as e:
            if "input_fn" in self._own:
                raise
            raise RequestError(415, f"The body cannot be read as {content_type}: {e}") from e
        prediction = self._functions["predict_fn"](context, data, self._model)
        try:
            return _written(self._functions["output_fn"](context, prediction, accept), accept)
        except UnsupportedFormat as e:
            raise RequestError(406, str(e)) from e


class _Function:
    """A function, which may take the context as one argument more than its kind has."""

    def __init__(self, function: Callable | None):
        self._function = function
        try:
            parameters = inspect.signature(function).parameters.values() if function else ()
        except (TypeError, ValueError):
            parameters = ()
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        self._count = sum(p.kind in kinds and p.default is inspect.Parameter.empty for p in parameters)
        self._named = any(parameter.name == "context" for parameter in parameters)

    def __call__(self, context: Context, *arguments: Any) -> Any:
        if self._function is None:
            raise NotImplementedError
        if self._named or self._count > len(arguments):
            return self._function(*arguments, context)
        return self._function(*arguments)


def load_module(code: str, program: str) -> ModuleType | None:
    """Import the script `program` of the folder `code`; None if there is none of the usual name."""
    sys.path.insert(0, code)
    if not program:
        if not os.path.isfile(os.path.join(code, "inference.py")):  # noqa: PTH113, PTH118  # no need of pathlib here
            return None
        program = "inference.py"
    name = program[: -len(".py")] if program.endswith(".py") else program
    return importlib.import_module(name.replace("/", "."))


def _context(headers: Mapping[str, str | None]) -> Context:
    present = {name: value for name, value in headers.items() if value is not None}
    return Context("model", {"model_dir": os.environ.get("SM_MODEL_DIR", "/opt/ml/model")}, {"headers": present})


def _written(result: Any, accept: str) -> tuple[bytes, str]:
    body, content_type = result if isinstance(result, tuple) and len(result) == 2 else (result, accept)
    if isinstance(body, str):
        return body.encode("utf-8"), str(content_type)
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body), str(content_type)
    if isinstance(body, (dict, list)):  # Flask, behind AWS's scikit-learn server, writes these as JSON
        return encoders.encode(body, encoders.JSON).encode("utf-8"), encoders.JSON
    if hasattr(body, "response"):  # worker.Response of the older toolkit
        return _written((body.response, getattr(body, "mimetype", None) or content_type), accept)
    raise TypeError(f"the answer is a {type(body).__name__}; output_fn and transform_fn must give bytes or text")
