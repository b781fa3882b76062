"""The machine of `test_money_machine.py`: what can happen by topic, and what must hold meanwhile.

A topic is a class with its steps, a tuple `MOVES` of them with their facts, and in `NEEDS` what
must be so for a step to come to something; a step says whether it did. A promise is a class with
invariants. `test_money_machine.py` names them all, `script.py` makes each kind of step once.
"""
