"""The trace explorer: pages for whoever audits, and the index that finds exchanges."""
