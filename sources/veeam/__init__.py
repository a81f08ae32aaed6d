"""Veeam: sessions, task sessions and their step logs; other backup products by their marks."""
