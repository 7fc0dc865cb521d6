"""Section 4 of Shamir (2018): regularisation and constraints."""
