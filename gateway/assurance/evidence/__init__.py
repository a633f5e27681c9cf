"""Documents for officers and auditors, drawn from policy and from the record: each statement says where it comes from."""
