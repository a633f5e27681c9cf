"""The peers, in an environment of their own (bench/.venv-peers): their servers, and how they are started."""
