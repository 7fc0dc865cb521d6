"""Proofs of the claims of Shamir (2018) in Coq, and how the claims' formulas follow from them."""
