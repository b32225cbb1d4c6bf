"""`python -m bayestuner`: the command line, which so finds classes of yours in the folder it is started in."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
