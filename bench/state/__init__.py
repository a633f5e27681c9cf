"""Whether several gateways keep their promises while what they share is killed, frozen and started again."""
