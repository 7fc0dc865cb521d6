"""False neighbours of the theorems: each must fall, or the search has no teeth."""
