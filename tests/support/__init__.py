"""What several rooms' tests share: real counterparts of the gateway, scripted."""
