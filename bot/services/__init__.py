"""Everything a person or the clock can make happen: one function, one transaction, one use case."""
