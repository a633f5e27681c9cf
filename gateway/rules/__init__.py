"""What policy writes and the rooms follow: values without behaviour."""
