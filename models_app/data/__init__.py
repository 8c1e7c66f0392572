"""Buckets and objects, uploads, full reads of tables."""
