"""Columns, saved views, CSV files and bulk actions of the lists of jobs and models."""
