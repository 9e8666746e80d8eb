"""A Slack of one's own on this machine, as strict as Slack, for any app that speaks HTTP."""
