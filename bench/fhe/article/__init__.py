"""One attention head under bootstrapped encryption, as in Zama's article about GPT-2, to set beside our whole model."""
