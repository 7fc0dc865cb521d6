"""Yun, Sra and Jadbabaie (ICLR 2019), Small nonlinearities create bad local minima."""
