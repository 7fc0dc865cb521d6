"""Dinh, Pascanu, Bengio and Bengio (2017), Sharp minima can generalize for deep nets."""
