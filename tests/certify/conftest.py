"""Lets `certify` be imported as a package, whatever else on the path is called `tests`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
