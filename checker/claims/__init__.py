"""Claims, their verdicts, and where they come from."""
