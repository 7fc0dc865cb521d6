"""Losses, alone and coupled, convex and not, and what is proved of them."""
