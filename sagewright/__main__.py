"""`python -m sagewright`."""

import sys

from sagewright.command import main

sys.exit(main())
