"""Money: gateways, invoices, payments, refunds, double-entry postings."""
