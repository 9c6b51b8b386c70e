"""`python -m sandbox` is `two-seats`."""

import sys

from sandbox.cli import main

sys.exit(main())
