"""Levers of operation in the programme: work that is lent, called off, capped or moved."""
