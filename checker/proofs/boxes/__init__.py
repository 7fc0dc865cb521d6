"""Claims about few numbers, proved on boxes: branch and bound with enclosures of the formula."""
