"""Consent: what may be recorded when, and the receipt a person gets."""
