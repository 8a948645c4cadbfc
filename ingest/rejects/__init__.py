"""Rejects go home and come back: which ones stand, the workbooks in which people correct them, and what they corrected."""
