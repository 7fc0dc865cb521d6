"""Yun, Sra and Jadbabaie (2018), Global optimality conditions for deep neural networks."""
