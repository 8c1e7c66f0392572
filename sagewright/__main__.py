"""`python -m sagewright`."""

import sys

from sagewright.cli import main

sys.exit(main())
