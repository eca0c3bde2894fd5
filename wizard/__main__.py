"""`python -m wizard`: the command `goneaway-wizard`."""

import sys

from wizard.entry import main

if __name__ == "__main__":
    sys.exit(main())
