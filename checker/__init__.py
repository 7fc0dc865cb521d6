"""Find out whether a mathematical claim about a loss landscape is true, how tight it is, and what
the smallest counterexample is when it is not."""
