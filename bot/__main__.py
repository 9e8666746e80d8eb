"""Lets `python -m bot` do what `safe-to-fail` does."""

from bot.cli import main

if __name__ == "__main__":
    main()
