"""The point that a certificate speaks of: its parameters, and the passes for one output."""
