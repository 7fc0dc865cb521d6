"""How the parts of a model in a framework become the arrays of a certificate."""
