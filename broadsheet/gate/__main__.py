"""Run the gate: `python -m broadsheet.gate`."""

import sys

from broadsheet.gate.serve import main

if __name__ == "__main__":
    sys.exit(main())
