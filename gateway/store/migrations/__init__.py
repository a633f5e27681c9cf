"""How each version of the schema becomes the next. What was released here never changes; a change is a new revision.

To change the schema: edit the table in `gateway/store/tables`, add the next file to `versions`, raise `HEAD` in `migrate`.
A test compares what the revisions make with the tables, in both dialects.
"""
