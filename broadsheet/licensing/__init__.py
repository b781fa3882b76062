"""Reports for licensees: other papers and services that may print ours, in the IPTC's formats."""
