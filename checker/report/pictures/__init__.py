"""Pictures for the HTML report, drawn by matplotlib (extra `plots`) as small SVG."""
