"""Who is calling: virtual keys, tokens of identity providers, proxies that check certificates; and who administers."""
