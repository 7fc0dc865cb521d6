"""Mulayoff and Michaeli (2020), Unique properties of flat minima in deep networks."""
