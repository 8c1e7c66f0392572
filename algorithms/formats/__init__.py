"""Readers and writers of the data formats SageMaker's built-in algorithms share."""
