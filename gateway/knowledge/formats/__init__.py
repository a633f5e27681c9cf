"""Each reader makes blocks of text of one kind of file. `gateway.knowledge.reader` runs them."""
