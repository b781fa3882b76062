"""The newsroom: articles that hold only what staff took over, rules, notices, disclosure."""
