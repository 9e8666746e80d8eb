"""What people see: functions from rows to Block Kit dicts; no fetching, no posting, no clock."""
