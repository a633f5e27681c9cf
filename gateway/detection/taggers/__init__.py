"""Small neural taggers, one per script: they find persons, places and organisations in prose."""
