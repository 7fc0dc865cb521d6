"""A certificate as text, page and file."""
