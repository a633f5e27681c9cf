"""What commands of several rooms share: the record, the policy, who acts, and how they end."""
