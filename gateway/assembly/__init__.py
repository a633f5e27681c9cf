"""Where the rooms are opened, joined and closed again; `app` gives the whole to a server."""
