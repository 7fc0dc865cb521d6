"""Soudry and Carmon (2016), No bad local minima."""
