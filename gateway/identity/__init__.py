"""Who is calling: virtual keys, where they are kept, and the gateway's own secret that guards them."""
