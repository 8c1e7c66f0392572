"""Starts JupyterLab without a parser that its start would spend two thirds of its processor time on."""

import sys

# jsonschema imports it for the formats "iri" and "iri-reference", which no schema of Jupyter's has, and works without.
# Its import compiles a grammar: 1.3 of the 2.0 s that a start takes, and 16 MiB.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

from jupyterlab.labapp import main  # noqa: E402 (the line above comes first)

sys.exit(main())
