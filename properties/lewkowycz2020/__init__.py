"""Lewkowycz, Bahri, Dyer, Sohl-Dickstein and Gur-Ari (2020), The catapult mechanism."""
