"""Proofs of claims by the Coq proof assistant, tied to the formulas that the checker evaluates."""
