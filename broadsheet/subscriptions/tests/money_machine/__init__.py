"""The machine of `test_money_machine.py`: what can happen by topic, and what must hold meanwhile.

A topic is a class with its steps and a tuple `MOVES` of them with their facts; a promise is a class
with invariants. `test_money_machine.py` names them all.
"""
