"""Critical points that are found, and minima that are proved to be near them."""
