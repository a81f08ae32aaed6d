"""What Windows leaves behind: event logs, cluster.log, SQL Server's ERRORLOG."""
