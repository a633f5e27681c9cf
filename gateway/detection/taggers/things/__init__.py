"""What bears a name of its own and is nobody: medicines, diseases, programs, dishes, terms of a trade.

Networks take many for people or firms. A model that is asked whether <PERSON_1> goes with <ORGANIZATION_1> cannot answer.
"""
