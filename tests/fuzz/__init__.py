"""A fuzzer of model files: `python -m tests.fuzz` mutates good models, and no proven one may harm its process."""
