"""`gateway eval`: whether a model on trial is as good as the one in force, on a fixed set and on traffic that was copied."""
