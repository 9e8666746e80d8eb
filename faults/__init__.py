"""Proves with real processes what the bot promises when things fail: python -m faults."""
