"""AWS Query: the operation and its parameters as a form, the answer as XML.

None of the services we have renames or flattens its lists in this protocol, so neither do we.
"""

import base64
import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, SubElement, tostring

from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from engine.wire.constraints import SerializationException
from engine.wire.errors import AwsError
from engine.wire.http import HttpRequest, HttpResponse

MAX_FIELDS = 5000
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NO_NAMESPACE = "https://webservices.amazon.com/"


def parse(request: HttpRequest, service: ServiceModel) -> tuple[str, Any]:
    """The operation and parameters of a form such as Action=GetRole&RoleName=x."""
    form_text = request.body if request.content_type == "application/x-www-form-urlencoded" else request.query.encode()
    try:
        form = dict(parse_qsl(form_text.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError as e:
        raise SerializationException(f"The request's form cannot be read: {e}") from None
    name, version = form.pop("Action", ""), form.pop("Version", service.api_version)
    if not name or version != service.api_version:
        text = f"Could not find operation {name or '(none)'} for version {version} of {service.service_name}."
        raise AwsError(text, "InvalidAction")
    if name not in service.operation_names:
        return name, {}
    shape = service.operation_model(name).input_shape
    return name, _typed(shape, _tree(form)) if shape else {}


def response(operation: OperationModel, value: dict, request_id: str, request: HttpRequest) -> HttpResponse:
    """Return the answer in the XML of AWS's query protocol to `operation`, whose output shape `value` has."""
    root = Element(f"{operation.name}Response", xmlns=operation.service_model.metadata.get("xmlNamespace", ""))
    if operation.output_shape is not None:
        wrapper = operation.output_shape.serialization.get("resultWrapper", f"{operation.name}Result")
        _write(root, wrapper, operation.output_shape, value)
    SubElement(SubElement(root, "ResponseMetadata"), "RequestId").text = request_id
    return _response(200, root)


def error(error: AwsError, request_id: str, request: HttpRequest) -> HttpResponse:
    """Return the error in XML of the query protocol, from which clients make the exception `error.code`."""
    root = Element("ErrorResponse", xmlns=NO_NAMESPACE)
    error_element = SubElement(root, "Error")
    SubElement(error_element, "Type").text = "Sender" if error.status < 500 else "Receiver"
    SubElement(error_element, "Code").text = error.code
    SubElement(error_element, "Message").text = _xml_text(error.message)
    SubElement(root, "RequestId").text = request_id
    return _response(error.status, root)


def _tree(form: dict[str, str]) -> dict:
    """{"A.member.1": "x"} as {"A": {"member": {"1": "x"}}}."""
    tree: dict = {}
    for path, text in form.items():
        *folders, leaf = path.split(".")
        node = tree
        for folder in folders:
            node = node.setdefault(folder, {})
            if not isinstance(node, dict):
                raise SerializationException(f"{path} is given both as a value and as a structure.")
        if isinstance(node.get(leaf), dict):
            raise SerializationException(f"{path} is given both as a value and as a structure.")
        node[leaf] = text
    return tree


def _typed(shape: Shape, node: Any) -> Any:
    """A node of the tree in the kinds `shape` asks for; what does not fit is left for the checks to refuse."""
    if isinstance(shape, StructureShape) and isinstance(node, dict):
        return {k: _typed(shape.members[k], v) if k in shape.members else v for k, v in node.items()}
    if isinstance(shape, ListShape):
        return [_typed(shape.member, v) for v in _items(node, "member")]
    if isinstance(shape, MapShape):
        entries = (e for e in _items(node, "entry") if isinstance(e, dict))
        return {e.get("key", ""): _typed(shape.value, e.get("value")) for e in entries}
    return _scalar(shape, node) if isinstance(node, str) else node


def _items(node: Any, name: str) -> list:
    """The items of a list or map, which the form numbers from 1: in their order, whatever the numbers are."""
    items = node.get(name) if isinstance(node, dict) else None
    if not isinstance(items, dict):
        return []
    return [items[k] for k in sorted((k for k in items if k.isdecimal() and len(k) < 10), key=int)]


def _scalar(shape: Shape, text: str) -> Any:
    try:
        if shape.type_name in ("integer", "long"):
            return int(text)
        if shape.type_name in ("float", "double"):
            return float(text)
    except ValueError:
        return text
    if shape.type_name == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    return text


def _write(parent: Element, tag: str, shape: Shape, value: Any) -> None:
    element = SubElement(parent, tag)
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            if name in value:
                _write(element, name, member, value[name])
    elif isinstance(shape, ListShape):
        for item in value:
            _write(element, "member", shape.member, item)
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            entry = SubElement(element, "entry")
            _write(entry, "key", shape.key, key)
            _write(entry, "value", shape.value, item)
    elif isinstance(value, datetime):
        element.text = value.strftime("%Y-%m-%dT%H:%M:%SZ")
    elif isinstance(value, bool):
        element.text = str(value).lower()
    elif isinstance(value, bytes):
        element.text = base64.b64encode(value).decode()
    else:
        element.text = _xml_text(value)


def _xml_text(value: Any) -> str:
    """Text without the control characters that XML cannot hold."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", str(value))


def _response(status: int, root: Element) -> HttpResponse:
    body = tostring(root, encoding="utf-8", xml_declaration=True)
    return HttpResponse(status, body, {"Content-Type": "text/xml"})
