"""Who may read what: grants, entitlements, the meter's limits and its folded journal."""
