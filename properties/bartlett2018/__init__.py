"""Bartlett, Helmbold and Long (2018), Gradient descent with identity initialization."""
