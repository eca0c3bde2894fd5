"""`python -m wizard`: the command `goneaway-wizard`."""

import sys

from wizard.cli import main

if __name__ == "__main__":
    sys.exit(main())
