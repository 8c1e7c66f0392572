"""Code that a person uploads: a Python file into the editor, a zip into the bucket beside it."""

import io

from django.utils.translation import gettext as _

from jobs.code.check import MAX_SOURCE
from jobs.code.kinds import CLASS
from jobs.code.unpack import FIELD, MAX_ARCHIVE
from models_app.aws import s3, s3_store
from models_app.create.own_code.form import CodeForm, source_text, suggested_entry
from models_app.problems import Problem

NAMES = ("train.py", "model.py", "main.py")  # of the entry point in an archive, the likeliest first


def with_upload(form: CodeForm, upload) -> CodeForm:
    """`form` with the uploaded file in its editor, or the entry point of the uploaded zip. Raises Problem."""
    if upload is None:
        raise Problem(_("Choose a .py or a .zip file to upload."), FIELD)
    if upload.name.lower().endswith(".py"):
        if upload.size > MAX_SOURCE:
            raise Problem(_("The file is larger than 1 MB. Move data and weights to S3."), FIELD)
        return _with_source(form, upload.name, upload.read(), "")
    if not upload.name.lower().endswith(".zip"):
        raise Problem(_("%(name)s is neither .py nor .zip. Upload one of these.") % {"name": upload.name}, FIELD)
    if upload.size > MAX_ARCHIVE:
        raise Problem(_("The archive is larger than 5 MB. Move data and weights to S3."), FIELD)
    content = upload.read()
    files = s3_store.unpack_code(content)
    name = entry_of(files, form)
    key = f"{form.upload_prefix}code/{upload.name}"
    s3.ensure_bucket(form.upload_bucket)
    s3.upload(form.upload_bucket, key, io.BytesIO(content), "application/zip")
    return _with_source(form, name, files[name], f"s3://{form.upload_bucket}/{key}")


def entry_of(files: dict[str, bytes], form: CodeForm) -> str:
    """The file of `files` that is shown in the editor: the form's own entry point, else the likeliest."""
    python = [name for name in files if name.endswith(".py")]
    if not python:
        raise Problem(_("The archive has no Python file. Pack the folder of your code."), FIELD)
    if form.code.file in files:
        return form.code.file
    if form.kind.name == CLASS:
        derived = [name for name in python if b"(Model)" in files[name] and b"def train" in files[name]]
        if derived:
            return min(derived, key=lambda name: (name.count("/"), name))
    tops = [name for wanted in NAMES for name in python if name.rpartition("/")[2] == wanted]
    return min(tops or python, key=lambda name: (name.count("/"), name))


def _with_source(form: CodeForm, name: str, content: bytes, archive: str) -> CodeForm:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem(_("%(name)s is not written in UTF-8. Save it as UTF-8.") % {"name": name}, FIELD) from None
    text = source_text(text)
    if form.kind.name == CLASS:
        module = name.removesuffix(".py").replace("/", ".")
        entry = f"{module}:{suggested_entry(form.kind, '', text).partition(':')[2]}"
    else:
        entry = name
    return form.unbound(code_text=text, code_entry=entry, code_archive=archive)
