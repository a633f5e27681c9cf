"""What the record adds up to over time: sums out of the index, drawn as SVG by the server."""
