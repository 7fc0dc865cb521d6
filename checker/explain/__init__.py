"""Counterexamples told to people: steps, exact fractions, stand-alone scripts."""
