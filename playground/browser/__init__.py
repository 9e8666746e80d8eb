"""The workspace in the browser: what is drawn there, and what people do there."""
