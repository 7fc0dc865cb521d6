"""The small papers of the catalogue."""
