"""Tests of a policy, written beside it: given a caller, a request and findings, what policy has to say."""
