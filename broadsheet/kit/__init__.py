"""Plain Python, no Django: the small tools every stage uses."""
