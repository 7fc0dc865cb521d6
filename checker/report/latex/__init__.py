"""A run for a paper: a table, counterexamples as matrices, a sentence for each claim."""
