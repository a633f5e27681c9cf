"""Trains the taggers that the gateway ships, from text that we wrote and lists that anybody may use.

Run: `make train-taggers`. What goes in, and under which licences, is said in the model card beside the weights.
"""
