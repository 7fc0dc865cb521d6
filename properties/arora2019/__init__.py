"""Arora, Cohen, Golowich and Hu (2019), Convergence of gradient descent for deep linear
networks."""
