"""Kawaguchi (2016), Deep learning without poor local minima."""
