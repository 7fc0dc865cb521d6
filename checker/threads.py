"""One BLAS thread per process; import this before anything that imports NumPy.

The matrices of a campaign are tiny, so BLAS threads only wait for each other, and one process per
core is already running. The libraries read these variables once, when they are loaded.
"""

from __future__ import annotations

import os

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
