"""The database: how it is opened, its tables, and reads with names."""
