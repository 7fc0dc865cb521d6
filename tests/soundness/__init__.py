"""A second opinion on every decision, by code that shares nothing with the product's arithmetic."""
