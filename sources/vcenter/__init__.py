"""vCenter: tasks, events, inventory."""
