"""What runs inside a job or an endpoint beside a person's class, and in their own process with `local=True`.

These files travel in sourcedir.tar.gz. They need Python 3.9, NumPy and pandas (or polars), and import nothing else of
ours: docs/decisions/0058-a-class-travels-as-source.md.
"""
