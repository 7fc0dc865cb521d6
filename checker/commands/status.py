"""Exit statuses. An open question outweighs success, a refutation outweighs both."""

STANDS, REFUTED, BAD_INPUT, OPEN = 0, 1, 2, 3
