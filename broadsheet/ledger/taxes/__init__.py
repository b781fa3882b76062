"""Taxes by place and day: a dated table, what a sale owes by it, and tax numbers. No Django."""
