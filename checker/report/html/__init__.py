"""The report of a whole run: one HTML file that needs no network, made from evidence JSON."""
