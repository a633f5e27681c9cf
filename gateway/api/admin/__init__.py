"""The admin API: keys, policy and limits for people with a role. Every act leaves an entry in the audit log."""
