"""The objects that theorems speak of: samples, losses, networks, critical points."""
