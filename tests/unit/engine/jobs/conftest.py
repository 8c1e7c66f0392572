"""A job of two members with a workload that is made up, and the Celery-free way to run it."""

from tests.unit.engine.training.conftest import BUCKET, _zygote_program, bucket, jobs_folder
from tests.wire.conftest import transactional_db, written_tables

__all__ = ["BUCKET", "_zygote_program", "bucket", "jobs_folder", "transactional_db", "written_tables"]
