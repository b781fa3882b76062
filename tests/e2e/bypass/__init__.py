"""How readers, robots and caches get at what they have no right to, tried on the running paper.

The numbers in the tests' names are those of docs/bypass.md.
"""
