"""Veeam: sessions, task sessions and their step logs, from files and live."""
