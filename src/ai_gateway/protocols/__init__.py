"""Vendor protocols as data: which fields exist, which carry text, which are refused; and the one walker over them."""
