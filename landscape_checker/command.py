"""The console script `checker`."""

from __future__ import annotations

from landscape_checker import import_ours


def main() -> int:
    """Run the command line, also beside a folder `checker` that is on Python's path."""
    import_ours()
    from checker.cli import main as run

    return run()
