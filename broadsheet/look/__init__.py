"""How the paper looks: base templates, tokens, parts. Knows no stage of the house."""
