"""Batch predictions: a table in, a table with answers out, by a transform job."""
