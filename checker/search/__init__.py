"""The search for violations, and the reduction of what it finds."""
