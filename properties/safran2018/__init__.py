"""Safran and Shamir (2018)."""
