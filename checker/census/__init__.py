"""The critical points of one training problem: found, enclosed, classified, drawn.

Shamir (2018), Corollary 1 says that none of them above the linear level is a local minimum. The
census looks for as many as it can, and for the problems to which the theorem does not apply (no
skip connection, or regularisation) it proves the bad local minima that it finds.
"""
