"""Deep linear residual networks (Zou, Long and Gu 2020)."""
