"""Hu, Xiao and Pennington (2020), Provable benefit of orthogonal initialization."""
