"""Safe to Fail: a Slack bot that makes small risky experiments ordinary and personally safe."""
