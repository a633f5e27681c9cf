"""The request's way, a file for each step, all of one shape (`pipeline.Stage`). A stage is thin: its room does the work."""
