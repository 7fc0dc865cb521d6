"""Deep residual networks (Yun, Sra and Jadbabaie 2019)."""
