"""The peers, in two environments of their own (bench/.venv-peers, bench/.venv-pattern-peers), and how they are started."""
